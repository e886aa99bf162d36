import { DomainError } from '../core/errors.js';
import { fieldOf } from './arithmetic/field.js';
import { DOMAIN_TAGS } from './domain-tags.js';
import type { EddsaPublicKey } from './eddsa.js';
import { poseidon } from './poseidon/poseidon.js';

/** What an unused place of any tree holds: not 0, so that no real leaf is ever confused with it. */
export const EMPTY_LEAF = fieldOf('assent/empty-leaf');

const PERIOD_BITS = 64n;
const PERIOD_LIMIT = 1n << PERIOD_BITS;
const SCOPE_LIMIT = 1n << 96n;
const DUTIES_LIMIT = 1n << 32n;
const ROLES_LIMIT = 1n << 8n;
const GRANTS_LIMIT = 1n << 16n;

/** A half-open period [from, until) in seconds since 1900-01-01T00:00:00Z, each below 2^64. */
export interface LeafPeriod {
  readonly from: bigint;
  readonly until: bigint;
}

/** What a participant signs: who may use what, for which study, when, and over which dates. */
export interface ConsentFields {
  /** pseudonymOf the participant's study key. */
  readonly pseudonym: bigint;
  /** requesterOf the secret of the one allowed to use it. */
  readonly requester: bigint;
  readonly study: bigint;
  /** The one custodian allowed to release, as institutionField; 0 = any. */
  readonly institution: bigint;
  /** 96 bits: vocabulary.ts. */
  readonly scope: bigint;
  /** 32 bits: vocabulary.ts. */
  readonly duties: bigint;
  /** When it may be used. */
  readonly validity: LeafPeriod;
  /** Which dates of data it covers. */
  readonly dataWindow: LeafPeriod;
  /** fieldOf the signed text. */
  readonly policy: bigint;
  /** Grows with every consent signed under a study key. */
  readonly serial: bigint;
  /** handleOf the withdrawal secret of this serial. */
  readonly handle: bigint;
  readonly salt: bigint;
}

/** What an institution accredits: a requester's roles. */
export interface AccreditationFields {
  readonly requester: bigint;
  /** 8 bits: rolesOf. */
  readonly roles: bigint;
  /** 0 = any study, which the issuer must be granted. */
  readonly study: bigint;
  /** The organisation whose records a partner may see; 0 = none. */
  readonly party: bigint;
  readonly validity: LeafPeriod;
  readonly salt: bigint;
}

/**
 * What is stored with a shard in its slot, set by governance: the issuer's key and what it may do.
 */
export interface IssuerFields extends EddsaPublicKey {
  /** institutionField of its id. */
  readonly institution: bigint;
  readonly validity: LeafPeriod;
  /** 16 bits: grantsOf. */
  readonly grants: bigint;
  /** fieldOf the id of each party that an accreditation of it may name: at most 8, none of them 0. */
  readonly parties: readonly bigint[];
  /** 1 at its admission, one more with each rotation and reinstatement, as the register counts. */
  readonly term: bigint;
}

/** What the eligibility statement opens of an issuer: a leaf of the former kind. */
export type FormerIssuerFields = Pick<IssuerFields, 'ax' | 'ay' | 'validity' | 'grants'>;

/** How many parties an issuer leaf has room for. */
export const MAX_PARTIES = 8;

/**
 * The leaf of a consent, which is also the message its participant signs.
 *
 * @throws PERIOD_EMPTY, TIME_OUT_OF_RANGE, FIELD_OUT_OF_RANGE
 * @source circuits/lib/consent-statement.circom computes the same
 */
export function consentLeaf(fields: ConsentFields): bigint {
  requireBelow(fields.scope, SCOPE_LIMIT);
  requireBelow(fields.duties, DUTIES_LIMIT);
  return poseidon([
    DOMAIN_TAGS.CONSENT,
    fields.pseudonym,
    fields.requester,
    fields.study,
    fields.institution,
    fields.scope,
    fields.duties,
    packPeriod(fields.validity),
    packPeriod(fields.dataWindow),
    fields.policy,
    fields.serial,
    fields.handle,
    fields.salt,
  ]);
}

/**
 * The leaf of an accreditation. It carries no signature: the slot it is found under says who issued it.
 *
 * @throws PERIOD_EMPTY, TIME_OUT_OF_RANGE, FIELD_OUT_OF_RANGE
 * @source circuits/lib/accreditation-statement.circom computes the same
 */
export function accreditationLeaf(fields: AccreditationFields): bigint {
  requireBelow(fields.roles, ROLES_LIMIT);
  const { requester, roles, study, party, salt } = fields;
  const validity = packPeriod(fields.validity);
  return poseidon([DOMAIN_TAGS.ACCREDITATION, requester, roles, study, party, validity, salt]);
}

/**
 * The issuer leaf of a slot: with T = Poseidon of five, T(ISSUER, institution, Ax, Ay, T(MANDATE,
 * validity, grants, T(T(PARTIES, p1, ..., p4), p5, ..., p8), term)), with 0 behind the last party.
 *
 * @throws PERIOD_EMPTY, TIME_OUT_OF_RANGE, FIELD_OUT_OF_RANGE, INPUT_TOO_LARGE
 * @source circuits/lib/issuer.circom and contracts/IssuerLeaf.sol compute the same
 */
export function issuerLeaf(fields: IssuerFields): bigint {
  const { institution, ax, ay, validity, grants, parties, term } = fields;
  requireBelow(grants, GRANTS_LIMIT);
  const [p1, p2, p3, p4, ...others] = partyInputs(parties);
  const listed = poseidon([poseidon([DOMAIN_TAGS.PARTIES, p1, p2, p3, p4]), ...others]);
  const mandate = poseidon([DOMAIN_TAGS.MANDATE, packPeriod(validity), grants, listed, term]);
  return poseidon([DOMAIN_TAGS.ISSUER, institution, ax, ay, mandate]);
}

/**
 * The parties of an issuer as its leaf has them: 0 behind the last.
 *
 * @throws INPUT_TOO_LARGE for more than 8; FIELD_OUT_OF_RANGE for a 0, which stands for none.
 */
export function partyInputs(parties: readonly bigint[]): PartyInputs {
  if (parties.length > MAX_PARTIES) {
    throw new DomainError('INPUT_TOO_LARGE', { argument: 'parties', most: MAX_PARTIES });
  }
  if (parties.includes(0n)) throw new DomainError('FIELD_OUT_OF_RANGE');
  return Array.from({ length: MAX_PARTIES }, (_, place) => parties[place] ?? 0n) as PartyInputs;
}

type PartyInputs = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/**
 * The issuer leaf that the eligibility statement opens. No register holds one any more: eligibility
 * proves nothing against a register until its statement opens today's leaf.
 *
 * @throws PERIOD_EMPTY, TIME_OUT_OF_RANGE, FIELD_OUT_OF_RANGE
 * @source circuits/lib/eligibility-statement.circom computes the same
 */
export function eligibilityIssuerLeaf({ ax, ay, validity, grants }: FormerIssuerFields): bigint {
  requireBelow(grants, GRANTS_LIMIT);
  return poseidon([DOMAIN_TAGS.FORMER_ISSUER, ax, ay, packPeriod(validity), grants]);
}

/**
 * A period as one element: from·2^64 + until.
 *
 * @throws PERIOD_EMPTY unless from < until; TIME_OUT_OF_RANGE for a bound outside [0, 2^64).
 */
export function packPeriod({ from, until }: LeafPeriod): bigint {
  if (from < 0n || until >= PERIOD_LIMIT) throw new DomainError('TIME_OUT_OF_RANGE');
  if (from >= until) throw new DomainError('PERIOD_EMPTY');
  return (from << PERIOD_BITS) | until;
}

/** The participant's name in one study. */
export function pseudonymOf({ ax, ay }: EddsaPublicKey): bigint {
  return poseidon([DOMAIN_TAGS.PSEUDONYM, ax, ay]);
}

/** The requester's name inside leaves: of its secret g, which it never shows. */
export function requesterOf(g: bigint): bigint {
  return poseidon([DOMAIN_TAGS.REQUESTER, g]);
}

/** w, the secret whose publication withdraws the consent of this serial. */
export function withdrawSecretOf(withdrawalKey: bigint, serial: bigint): bigint {
  return poseidon([DOMAIN_TAGS.WITHDRAW, withdrawalKey, serial]);
}

/** The public handle of a withdrawal secret: what any node checks a published w with. */
export function handleOf(w: bigint): bigint {
  return poseidon([DOMAIN_TAGS.HANDLE, w]);
}

/**
 * What a study key signs to be linked with a patient.
 *
 * @param institution - institutionField of the one that showed the code.
 * @param code - the one-time code shown in the patient's own session there.
 */
export function linkMessage(institution: bigint, code: string): bigint {
  return poseidon([DOMAIN_TAGS.LINK, institution, fieldOf(code)]);
}

/**
 * What a study key signs to read its own consents and disclosures at one institution.
 *
 * @param at - seconds since 1900-01-01: the verifier bounds its age.
 * @param holder - fieldOf the thumbprint of the session key that asks: nobody else who sees the
 * signature, not even the gateway or the institution, can use it.
 */
export function listMessage(institution: bigint, at: bigint, holder: bigint): bigint {
  return poseidon([DOMAIN_TAGS.LIST, institution, at, holder]);
}

/**
 * What a study key signs to have its own consents erased at one institution. It needs no time: the
 * same again erases nothing more.
 *
 * Five elements, where a list has four: Poseidon of five is another function, so that neither can be
 * read as the other. They share a kind because the circuits' sources hold the kinds, and proving keys
 * are pinned to those sources. test/zk/typed-messages holds the lengths of all messages apart.
 *
 * @param secrets - the withdrawal secrets, in the order in which they are sent.
 */
export function eraseMessage(institution: bigint, secrets: readonly bigint[]): bigint {
  const count = BigInt(secrets.length);
  const all = fieldOf(secrets.join('|'));
  return poseidon([DOMAIN_TAGS.LIST, institution, fieldOf('assent/erase'), count, all]);
}

/**
 * What a study key signs to have one institution keep a sealed copy of its book of serials.
 *
 * Seven elements with a tag: no other message of kind LIST has as many.
 *
 * @param sequence - one more than that of the copy that it replaces there: a copy signed earlier is
 * never put in the place of a later one.
 * @param copy - the sealed book as it is sent.
 */
export function backupMessage(
  institution: bigint,
  study: bigint,
  sequence: bigint,
  copy: string,
): bigint {
  const [tag, length] = [fieldOf('assent/backup'), BigInt(copy.length)];
  return poseidon([DOMAIN_TAGS.LIST, institution, tag, study, sequence, length, fieldOf(copy)]);
}

/**
 * What a study key signs to be given back the copy of its book that one institution keeps.
 *
 * Six elements with a tag, by the same rule.
 *
 * @param at - seconds since 1900-01-01: the verifier bounds its age.
 * @param holder - of the session that asks, as in listMessage.
 */
export function backupReadMessage(
  institution: bigint,
  study: bigint,
  at: bigint,
  holder: bigint,
): bigint {
  const tag = fieldOf('assent/backup-read');
  return poseidon([DOMAIN_TAGS.LIST, institution, tag, study, at, holder]);
}

/** The name of one accreditation in one study and day, so that budgets count without a name. */
export function accreditationNym(g: bigint, study: bigint, period: bigint): bigint {
  return poseidon([DOMAIN_TAGS.NULLIFIER, g, study, period]);
}

function requireBelow(value: bigint, limit: bigint): void {
  if (value < 0n || value >= limit) throw new DomainError('FIELD_OUT_OF_RANGE');
}
