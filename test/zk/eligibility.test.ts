import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import { loadProvingArtifacts } from '../../src/zk/artifacts.js';
import {
  ABSENT,
  type Credential,
  credentialMessage,
  type Fact,
  factInputs,
} from '../../src/zk/credential.js';
import { type Criterion, criteriaHash, isMetBy } from '../../src/zk/criteria.js';
import { consentLeaf } from '../../src/zk/leaf.js';
import { listHash } from '../../src/zk/list-hash.js';
import { type ProvenStatement, proveEligibility } from '../../src/zk/prove.js';
import { eligibilityRequest } from '../../src/zk/request.js';
import { networkRootOf } from '../../src/zk/tree.js';
import { loadStatements, verifyStatement } from '../../src/zk/verify/verify.js';
import {
  AGE,
  credential,
  criteria,
  eligibilityWitness,
  issuerRoot,
  todaysIssuerLeaf,
} from '../support/zk/eligibility-sample.js';
import { holder, NOW } from '../support/zk/sample.js';

interface WireRow {
  readonly key: string;
  readonly operator: Criterion['operator'];
  readonly value: string;
  readonly group: number;
}
interface WireFact {
  readonly key: string;
  readonly value: string;
}
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/eligibility.json', import.meta.url), 'utf8'),
);
const rowOf = ({ key, value, ...rest }: WireRow): Criterion => ({
  ...rest,
  key: BigInt(key),
  value: BigInt(value),
});
const factOf = ({ key, value }: WireFact): Fact => ({
  key: BigInt(key),
  value: value === 'ABSENT' ? value : BigInt(value),
});
const refused = (code: string) => expect.objectContaining({ code });
const DAY = 86_400n;

describe('vectors of another implementation', () => {
  const { pseudonym, facts, validity, salt, factsHash, message } = vectors.credential;
  const fields: Credential = {
    pseudonym: BigInt(pseudonym),
    facts: facts.map(factOf),
    validity: { from: BigInt(validity.from), until: BigInt(validity.until) },
    salt: BigInt(salt),
  };

  test('give the message of a credential', () => {
    const { keys, values } = factInputs(fields.facts);
    const elements = keys.flatMap((key, i) => [key, values[i] ?? 0n]);
    expect(elements.length).toBe(64);
    expect(listHash('FACTS', elements)).toBe(BigInt(factsHash));
    expect(credentialMessage(fields)).toBe(BigInt(message));
  });

  test.each([0, 1, 2])('give the hash of criteria (%i)', (position) => {
    const { rows, hash } = vectors.criteria[position];
    expect(criteriaHash(rows.map(rowOf))).toBe(BigInt(hash));
  });

  test('give the request', () => {
    const { trial, requester, criteria: rows, hash } = vectors.request;
    const asked = { trial: BigInt(trial), requester: BigInt(requester) };
    expect(eligibilityRequest({ ...asked, criteria: rows.map(rowOf) })).toBe(BigInt(hash));
  });
});

describe('criteria', () => {
  const [row] = criteria as [Criterion];
  const keyed = (change: object) => [{ ...row, ...change } as Criterion];

  test('have another hash with any row, key, operator, value, group or order changed', () => {
    const [first, second, ...rest] = criteria as [Criterion, Criterion, ...Criterion[]];
    const others = [
      [second, first, ...rest],
      criteria.slice(1),
      [...criteria, row],
      ...[
        { key: fieldOf('key') },
        { operator: 'AT_MOST' as const },
        { value: 19n },
        { group: 5 },
      ].map((change) => [{ ...first, ...change }, second, ...rest]),
    ];
    const hashes = [criteria, ...others].map((rows) => criteriaHash(rows));
    expect(new Set(hashes).size).toBe(others.length + 1);
  });

  test.each<[string, readonly Criterion[], string]>([
    ['seventeen rows', Array.from({ length: 17 }, () => row), 'BAD_INPUT'],
    ['a ninth group', keyed({ group: 8 }), 'BAD_INPUT'],
    ['half a group', keyed({ group: 0.5 }), 'BAD_INPUT'],
    ['an operator that is none', keyed({ operator: 'constructor' }), 'BAD_INPUT'],
    ['a value where none is asked', keyed({ operator: 'PRESENT' }), 'BAD_INPUT'],
    ['a key of 0', keyed({ key: 0n }), 'FIELD_OUT_OF_RANGE'],
    ['a key of r', keyed({ key: FIELD_ORDER }), 'FIELD_OUT_OF_RANGE'],
    ['an order of 2^64', keyed({ value: 2n ** 64n }), 'FIELD_OUT_OF_RANGE'],
    ['a value of minus one', keyed({ value: -1n }), 'FIELD_OUT_OF_RANGE'],
    ['= ABSENT', keyed({ operator: 'EQUAL', value: ABSENT }), 'FIELD_OUT_OF_RANGE'],
  ])('refuse %s', (_name, rows, code) => {
    expect(() => criteriaHash(rows)).toThrow(refused(code));
  });

  test.each<[Criterion['operator'], bigint, Fact['value'], boolean]>([
    ['AT_LEAST', 18n, 18n, true],
    ['AT_LEAST', 18n, 17n, false],
    ['AT_MOST', 18n, 18n, true],
    ['AT_MOST', 18n, 19n, false],
    ['AT_LEAST', 0n, 2n ** 64n - 1n, true],
    ['AT_LEAST', 0n, 2n ** 64n, false],
    ['EQUAL', 18n, 18n, true],
    ['EQUAL', 18n, 19n, false],
    ['NOT_EQUAL', 18n, 18n, false],
    ['NOT_EQUAL', 18n, 19n, true],
    ['NOT_EQUAL', 18n, 'ABSENT', false],
    ['PRESENT', 0n, 0n, true],
    ['PRESENT', 0n, 'ABSENT', false],
    ['ABSENT', 0n, 'ABSENT', true],
    ['ABSENT', 0n, 0n, false],
  ])('%s %s of %s: %s', (operator, value, found, expected) => {
    const criterion: Criterion = { key: AGE, operator, value, group: 0 };
    expect(isMetBy(criterion, { key: AGE, value: found })).toBe(expected);
    expect(isMetBy(criterion, { key: fieldOf('another'), value: found })).toBe(false);
  });
});

describe('a credential', () => {
  const [fact] = credential.facts as [Fact];
  test.each<[string, Partial<Credential>, string]>([
    ['33 facts', { facts: [...credential.facts, { key: fieldOf('x'), value: 1n }] }, 'BAD_INPUT'],
    ['two facts of one key', { facts: [fact, { ...fact, value: 1n }] }, 'BAD_INPUT'],
    ['a key of 0', { facts: [{ ...fact, key: 0n }] }, 'FIELD_OUT_OF_RANGE'],
    [
      'a value that is ABSENT by number',
      { facts: [{ ...fact, value: ABSENT }] },
      'FIELD_OUT_OF_RANGE',
    ],
    ['a negative value', { facts: [{ ...fact, value: -1n }] }, 'FIELD_OUT_OF_RANGE'],
    [
      'a life of 30 days and a second',
      { validity: { from: NOW, until: NOW + 30n * DAY + 1n } },
      'BAD_INPUT',
    ],
    ['no life', { validity: { from: NOW, until: NOW } }, 'PERIOD_EMPTY'],
  ])('is not signed with %s', (_name, change, code) => {
    expect(() => credentialMessage({ ...credential, ...change })).toThrow(refused(code));
  });
});

describe('a proven eligibility, at full size', () => {
  const policy = { production: false, allowDevelopmentKeys: false };
  const witness = eligibilityWitness();
  let proven: ProvenStatement;
  beforeAll(async () => {
    await loadStatements(policy);
    proven = await proveEligibility(witness, await loadProvingArtifacts('eligibility', policy));
  });

  test('verifies, and says what it was proven for', async () => {
    const { signals } = await verifyStatement('eligibility', proven.publicSignals, proven.proof);
    expect(signals).toEqual({
      root: networkRootOf(consentLeaf(witness.consent), witness.path),
      nym: witness.consent.pseudonym,
      handle: witness.consent.handle,
      request: eligibilityRequest(witness.asked),
      asOf: NOW,
      holder,
    });
    expect(issuerRoot(witness)).toBe(signals.root);
  });

  test.each([0, 1, 2, 3, 4, 5])('cannot be changed after proving (signal %i)', async (position) => {
    const changed = proven.publicSignals.map((text, i) =>
      i === position ? `${BigInt(text) + 1n}` : text,
    );
    await expect(verifyStatement('eligibility', changed, proven.proof)).rejects.toThrow(
      refused('PROOF_INVALID'),
    );
  });

  test('is no consent', async () => {
    await expect(verifyStatement('consent', proven.publicSignals, proven.proof)).rejects.toThrow(
      refused('PROOF_INVALID'),
    );
  });

  // Until the statement opens today's leaf: it is made again with the trials.
  test('cannot be proven against a register that holds issuer leaves of today', async () => {
    const artifacts = await loadProvingArtifacts('eligibility', policy);
    const proving = proveEligibility(eligibilityWitness(criteria, todaysIssuerLeaf()), artifacts);
    await expect(proving).rejects.toThrow(
      expect.objectContaining({
        code: 'WITNESS_UNSATISFIED',
        facts: { rule: 'EligibilityStatement' },
      }),
    );
  });

  test('of a criterion that no fact meets is refused, whatever the claims', async () => {
    const unmet: Criterion = { key: AGE, operator: 'AT_LEAST', value: 53n, group: 5 };
    await expect(
      proveEligibility(
        eligibilityWitness([...criteria, unmet]),
        await loadProvingArtifacts('eligibility', policy),
      ),
    ).rejects.toThrow(
      expect.objectContaining({ code: 'WITNESS_UNSATISFIED', facts: { rule: 'RequireCriteria' } }),
    );
  });
});
