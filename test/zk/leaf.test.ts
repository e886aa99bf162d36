import { describe, expect, test } from 'vitest';
import { FIELD_ORDER, fieldOf } from '../../src/zk/arithmetic/field.js';
import {
  type ConsentFields,
  consentLeaf,
  EMPTY_LEAF,
  eligibilityIssuerLeaf,
  type IssuerFields,
  issuerLeaf,
  packPeriod,
} from '../../src/zk/leaf.js';
import {
  emptyHashes,
  networkRootOf,
  rootFromPath,
  SHARD_LEVELS,
  SparseTree,
  slotValueOf,
  TOP_LEVELS,
} from '../../src/zk/tree.js';
import {
  dutiesOf,
  grantsOf,
  readDuties,
  readGrants,
  readScope,
  scopeOf,
} from '../../src/zk/vocabulary.js';

const fields: ConsentFields = {
  pseudonym: 11n,
  requester: 12n,
  study: 13n,
  institution: 0n,
  scope: 1n,
  duties: 0n,
  validity: { from: 10n, until: 20n },
  dataWindow: { from: 0n, until: 5n },
  policy: 14n,
  serial: 1n,
  handle: 15n,
  salt: 16n,
};

describe('a consent leaf', () => {
  test.each(Object.keys(fields))('changes with its %s', (name) => {
    const value = fields[name as keyof ConsentFields];
    const changed = typeof value === 'bigint' ? value + 1n : { ...value, until: value.until + 1n };
    expect(consentLeaf({ ...fields, [name]: changed })).not.toBe(consentLeaf(fields));
  });

  test('refuses a scope of 97 bits and duties of 33, which would spill into nothing', () => {
    const refused = expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' });
    expect(() => consentLeaf({ ...fields, scope: 1n << 96n })).toThrow(refused);
    expect(() => consentLeaf({ ...fields, duties: 1n << 32n })).toThrow(refused);
    expect(() => consentLeaf({ ...fields, salt: FIELD_ORDER })).toThrow(refused);
  });
});

describe('an issuer leaf', () => {
  const issuer: IssuerFields = {
    institution: 1n,
    ax: 2n,
    ay: 3n,
    validity: { from: 4n, until: 5n },
    grants: 6n,
    parties: [7n, 8n],
    term: 9n,
  };
  const changes: readonly Partial<IssuerFields>[] = [
    { institution: 10n },
    { ax: 10n },
    { ay: 10n },
    { validity: { from: 4n, until: 6n } },
    { grants: 7n },
    { parties: [7n] },
    { parties: [8n, 7n] },
    { parties: [] },
    { term: 10n },
  ];
  test.each(changes)('changes with its %o', (change) => {
    expect(issuerLeaf({ ...issuer, ...change })).not.toBe(issuerLeaf(issuer));
  });

  test('has room for eight parties, none of which is 0', () => {
    const eight = Array.from({ length: 8 }, (_, i) => BigInt(i + 1));
    expect(issuerLeaf({ ...issuer, parties: eight })).not.toBe(issuerLeaf(issuer));
    expect(() => issuerLeaf({ ...issuer, parties: [...eight, 9n] })).toThrow(
      expect.objectContaining({ code: 'INPUT_TOO_LARGE' }),
    );
    expect(() => issuerLeaf({ ...issuer, parties: [1n, 0n] })).toThrow(
      expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' }),
    );
  });

  test('is never one that the eligibility statement opens', () => {
    const former = eligibilityIssuerLeaf(issuer);
    expect(former).not.toBe(issuerLeaf(issuer));
    // The same five elements behind another kind.
    const { institution, ax, ay } = issuer;
    const like = { ax: institution, ay: ax, validity: { from: 0n, until: ay }, grants: 0n };
    expect(eligibilityIssuerLeaf(like)).not.toBe(issuerLeaf(issuer));
  });
});

describe('a period', () => {
  test('packs from above until', () => {
    expect(packPeriod({ from: 1n, until: 2n ** 64n - 1n })).toBe(2n ** 65n - 1n);
  });
  test.each([
    [5n, 5n, 'PERIOD_EMPTY'],
    [6n, 5n, 'PERIOD_EMPTY'],
    [-1n, 5n, 'TIME_OUT_OF_RANGE'],
    [1n, 2n ** 64n, 'TIME_OUT_OF_RANGE'],
  ])('from %s until %s is refused', (from, until, code) => {
    expect(() => packPeriod({ from, until })).toThrow(expect.objectContaining({ code }));
  });
});

describe('the vocabulary', () => {
  const scope = { purposes: ['CLINTRCH'], dataClasses: ['OBSERVATION'], labels: ['HIV'] } as const;
  test('has the agreed bits', () => {
    expect(scopeOf(scope)).toBe((1n << 4n) | (1n << 18n) | (1n << 66n));
    const dates = { ...scope, purposes: [], dataClasses: ['EXACT_DATE'], labels: [] } as const;
    expect(scopeOf(dates)).toBe(1n << 28n);
    expect(dutiesOf(['IRB', 'RECONTACT'])).toBe(130n);
    expect(grantsOf({ roles: ['RESEARCHER'], anyStudy: true, attestFacts: false })).toBe(257n);
  });
  test('reads back what it wrote', () => {
    expect(readScope(scopeOf(scope))).toEqual(scope);
    expect(readDuties(130n)).toEqual(['IRB', 'RECONTACT']);
  });
  test('reads grants back in words, and none that has no name', () => {
    const grants = { roles: ['RESEARCHER', 'PAYER'], anyStudy: true, attestFacts: false } as const;
    expect(readGrants(grantsOf(grants))).toEqual(grants);
    expect(() => readGrants(1n << 10n)).toThrow(expect.objectContaining({ code: 'CODE_UNKNOWN' }));
  });
  test('refuses names and bits that no list has', () => {
    const refused = expect.objectContaining({ code: 'CODE_UNKNOWN' });
    expect(() => scopeOf({ ...scope, purposes: ['constructor' as 'TREAT'] })).toThrow(refused);
    expect(() => readScope(1n << 15n)).toThrow(refused);
    expect(() => readDuties(-1n)).toThrow(refused);
  });
});

describe('the register tree', () => {
  test('is never empty with zeros', () => {
    expect(EMPTY_LEAF).toBe(fieldOf('assent/empty-leaf'));
    expect(new SparseTree(3).root).toBe(emptyHashes(3)[3]);
  });

  test('has one root whatever the order and the batches of setting', () => {
    const one = new SparseTree(4);
    const other = new SparseTree(4);
    one.setAll([
      [0, 5n],
      [15, 6n],
      [7, 7n],
      [3, EMPTY_LEAF],
    ]);
    for (const [index, leaf] of [
      [7, 7n],
      [15, 9n],
      [0, 5n],
      [15, 6n],
    ] as const) {
      other.set(index, leaf);
    }
    expect(one.root).toBe(other.root);
    expect(rootFromPath(7n, one.path(7), 7)).toBe(one.root);
    expect(rootFromPath(EMPTY_LEAF, one.path(8), 8)).toBe(one.root);
    expect(rootFromPath(7n, one.path(7), 6)).not.toBe(one.root);
    one.set(7, EMPTY_LEAF);
    expect(one.root).not.toBe(other.root);
  });

  test('joins shard, issuer and top into one path', () => {
    const shard = new SparseTree(SHARD_LEVELS);
    const top = new SparseTree(TOP_LEVELS);
    shard.set(1_048_575, 99n);
    top.set(4_095, slotValueOf(shard.root, 77n));
    const path = {
      shardSiblings: shard.path(1_048_575),
      index: 1_048_575,
      issuerLeaf: 77n,
      topSiblings: top.path(4_095),
      slot: 4_095,
    };
    expect(networkRootOf(99n, path)).toBe(top.root);
    const refused = expect.objectContaining({ code: 'BAD_INPUT' });
    expect(() => networkRootOf(99n, { ...path, slot: 4_096 })).toThrow(refused);
    expect(() => networkRootOf(99n, { ...path, index: 0.5 })).toThrow(refused);
    expect(() => networkRootOf(99n, { ...path, shardSiblings: [] })).toThrow(refused);
  });
});
