import { DomainError } from '../core/errors.js';
import { FIELD_ORDER } from './arithmetic/field.js';
import { DOMAIN_TAGS } from './domain-tags.js';
import { type LeafPeriod, packPeriod } from './leaf.js';
import { listHash } from './list-hash.js';
import { poseidon } from './poseidon/poseidon.js';

/** How many facts one credential holds. */
export const MAX_FACTS = 32;
/** How long a credential may live: 30 days. The circuit holds it too. */
const MAX_CREDENTIAL_SECONDS = 2_592_000n;

/**
 * The value of a fact that says "not in our records": -1, which is r - 1. No integer of 64 bits and no
 * code hash of 31 bytes is that.
 */
export const ABSENT = FIELD_ORDER - 1n;

/** Values are integers of 64 bits or a fieldOf, 31 bytes. */
export const VALUE_LIMIT = 1n << 248n;

/** What an institution knows of one person under one key, or that it knows of none. */
export interface Fact {
  /** fieldOf `system|code`, never 0. */
  readonly key: bigint;
  /** An integer below 2^64 in a stated unit, or the fieldOf a code; 'ABSENT' = not in our records. */
  readonly value: bigint | 'ABSENT';
}

/** What an issuer signs about a study pseudonym: at most 32 facts, for at most 30 days. */
export interface Credential {
  readonly pseudonym: bigint;
  /** One per key; the order is part of what is signed. */
  readonly facts: readonly Fact[];
  readonly validity: LeafPeriod;
  readonly salt: bigint;
}

/**
 * The message that an issuer signs: Poseidon(CREDENTIAL, pseudonym, hash of facts, validity, salt).
 *
 * The hash of facts is the listHash of FACTS: key, value, key, value ... with 0, 0 for no fact.
 *
 * @throws BAD_INPUT for more than 32 facts, a key twice (a prover could choose between them) or a life of
 * more than 30 days; FIELD_OUT_OF_RANGE, PERIOD_EMPTY, TIME_OUT_OF_RANGE
 * @source circuits/lib/eligibility-statement.circom computes the same
 */
export function credentialMessage({ pseudonym, facts, validity, salt }: Credential): bigint {
  const packed = packPeriod(validity);
  const seconds = validity.until - validity.from;
  if (seconds > MAX_CREDENTIAL_SECONDS) {
    throw new DomainError('BAD_INPUT', { credentialSeconds: seconds.toString() });
  }
  const { keys, values } = factInputs(facts);
  const elements = keys.flatMap((key, place) => [key, values[place] ?? 0n]);
  return poseidon([DOMAIN_TAGS.CREDENTIAL, pseudonym, listHash('FACTS', elements), packed, salt]);
}

/**
 * Facts as the circuit takes them: 32 keys and 32 values, 0 and 0 behind the last fact.
 *
 * @throws BAD_INPUT, FIELD_OUT_OF_RANGE
 */
export function factInputs(facts: readonly Fact[]): { keys: bigint[]; values: bigint[] } {
  if (facts.length > MAX_FACTS) throw new DomainError('BAD_INPUT', { facts: facts.length });
  if (new Set(facts.map(({ key }) => key)).size < facts.length) {
    throw new DomainError('BAD_INPUT', { distinctKeys: new Set(facts.map(({ key }) => key)).size });
  }
  const unused = new Array<bigint>(MAX_FACTS - facts.length).fill(0n);
  return {
    keys: [...facts.map(({ key }) => requireKey(key)), ...unused],
    values: [...facts.map(({ value }) => factElement(value)), ...unused],
  };
}

/** A key other than the 0 of a place without a fact. @throws FIELD_OUT_OF_RANGE */
export function requireKey(key: bigint): bigint {
  if (key <= 0n || key >= VALUE_LIMIT) throw new DomainError('FIELD_OUT_OF_RANGE');
  return key;
}

function factElement(value: Fact['value']): bigint {
  if (value === 'ABSENT') return ABSENT;
  if (value < 0n || value >= VALUE_LIMIT) throw new DomainError('FIELD_OUT_OF_RANGE');
  return value;
}
