import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../../src/client/evidence/check.js';
import { anchorReader } from '../../../src/client/evidence/ledger.js';
import type { Evidence, ShownPart } from '../../../src/core/evidence/evidence.js';
import {
  hideParts,
  KINDS,
  type KindName,
  proveKinds,
} from '../../support/client/evidence-kinds.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { at } from '../../support/ledger/small-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;
type Json = Record<string, unknown>;

/** What a forger hands over; undefined where a kind has nothing to forge so. */
interface Forged {
  readonly record?: Json;
  readonly evidence?: Evidence;
}

/** A genuine record, its evidence, and that of another entry of the same log and kind. */
interface Genuine {
  readonly record: Json;
  readonly evidence: Evidence;
  readonly other: Evidence;
  /** A field that is one part, with a text or a number; a list that is one part. */
  readonly field: string;
  readonly list?: string;
  /** A list shown by items. */
  readonly items?: string;
}

interface Forgery {
  readonly name: string;
  readonly make: (genuine: Genuine) => Forged | undefined;
  readonly code: string;
  /** Which field or pin the check names; a disclosure, which is one part, names '(record)'. */
  readonly named?: (genuine: Genuine) => string | undefined;
}

const FIELDS: Record<KindName, Pick<Genuine, 'field' | 'list' | 'items'>> = {
  trial: { field: 'title', list: 'phase' },
  event: { field: 'bizStep', items: 'epcs' },
  disclosure: { field: 'count' },
};
const OTHER = `0x${'ab'.repeat(32)}` as const;
const listIn = ({ record }: Genuine, name: string) => record[name] as unknown[];
const changed = ({ record }: Genuine, change: Json): Forged => ({
  record: { ...record, ...change },
});
const without = (record: Json, name: string): Json =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
const withProof = ({ evidence }: Genuine, change: Partial<Evidence['proof']>): Forged => ({
  evidence: { ...evidence, proof: { ...evidence.proof, ...change } },
});
const withParts = (genuine: Genuine, change: Partial<Evidence['proof']['parts']>): Forged =>
  withProof(genuine, { parts: { ...genuine.evidence.proof.parts, ...change } });
const withShown = (genuine: Genuine, change: (part: ShownPart) => ShownPart): Forged =>
  withParts(genuine, { shown: genuine.evidence.proof.parts.shown.map(change) });
const withAnchor = ({ evidence }: Genuine, change: Partial<Evidence['anchor']>): Forged => ({
  evidence: { ...evidence, anchor: { ...evidence.anchor, ...change } },
});
const withDigest = (genuine: Genuine, change: Partial<Evidence['proof']['digest']>): Forged =>
  withProof(genuine, { digest: { ...genuine.evidence.proof.digest, ...change } });

const MISMATCH = 'EVIDENCE_RECORD_MISMATCH';
const ofRecord: Forgery[] = [
  {
    name: 'another text or number',
    make: (one) => changed(one, { [one.field]: 'forged' }),
    code: MISMATCH,
    named: ({ field }) => field,
  },
  {
    name: 'null in place of a value',
    make: (one) => changed(one, { [one.field]: null }),
    code: MISMATCH,
    named: ({ field }) => field,
  },
  {
    name: 'a number as a text, or a text in a list',
    make: (one) => {
      const value = one.record[one.field];
      return changed(one, { [one.field]: typeof value === 'number' ? String(value) : [value] });
    },
    code: MISMATCH,
    named: ({ field }) => field,
  },
  {
    name: 'null for a field that was never logged',
    make: (one) => changed(one, { recall: null }),
    code: MISMATCH,
    named: () => 'recall',
  },
  {
    name: 'an empty list that was never logged',
    make: (one) => changed(one, { adverseEvents: [] }),
    code: MISMATCH,
    named: () => 'adverseEvents',
  },
  {
    name: 'a part under another name',
    make: (one) => ({
      record: { ...without(one.record, one.field), alias: one.record[one.field] },
    }),
    code: MISMATCH,
    named: () => 'alias',
  },
  {
    name: 'something under the name that clients add',
    make: (one) => changed(one, { __typename: { recalled: true } }),
    code: MISMATCH,
    named: () => '__typename',
  },
  {
    name: 'the outline as a field',
    make: (one) => changed(one, { '#': one.evidence.proof.parts.outline }),
    code: MISMATCH,
    named: () => '#',
  },
  {
    name: 'another custodian',
    make: (one) => changed(one, { custodian: { id: 'institution-1' } }),
    code: MISMATCH,
    named: () => 'custodian',
  },
  {
    name: 'nothing but its custodian',
    make: (one) => ({ record: { custodian: { id: one.evidence.anchor.institution } } }),
    code: MISMATCH,
    named: () => '(none)',
  },
];

const ofLists: Forgery[] = [
  {
    name: 'a hidden list written as []',
    make: (one) =>
      one.list === undefined
        ? undefined
        : {
            ...changed(one, { [one.list]: [] }),
            evidence: hideParts(one.evidence, (n) => n === one.list),
          },
    code: MISMATCH,
    named: ({ list }) => list,
  },
  {
    name: 'a shown list written as []',
    make: (one) => forgeList(one, () => []),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'an item more',
    make: (one) => forgeList(one, (items) => [...items, 'forged']),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'an item twice',
    make: (one) => forgeList(one, (items) => [...items, items[0]]),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'an item twice in place of another',
    make: (one) => forgeList(one, (items) => items.map(() => items[0])),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'a list inside the list',
    make: (one) => forgeList(one, (items) => [items]),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'an item in place of the list',
    make: (one) => forgeList(one, (items) => items[0]),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'an item dropped from a list that is one part',
    make: (one) => (one.list ? forgeList(one, (items) => items.slice(1)) : undefined),
    code: MISMATCH,
    named: listOf,
  },
  {
    name: 'the items of a list that is one part in another order',
    make: (one) => (one.list ? forgeList(one, (items) => [...items].reverse()) : undefined),
    code: MISMATCH,
    named: listOf,
  },
];

const ofProof: Forgery[] = [
  {
    name: 'parts of another entry',
    make: (one) => withParts(one, one.other.proof.parts),
    code: MISMATCH,
    named: (one) => (isWhole(one) ? '(leaf)' : undefined),
  },
  {
    name: 'another outline',
    make: (one) => withParts(one, { outline: { ...one.evidence.proof.parts.outline, recall: 0 } }),
    code: MISMATCH,
    named: () => '(outline)',
  },
  {
    name: 'no outline',
    make: (one) => (isWhole(one) ? undefined : withParts(one, { outline: null })),
    code: MISMATCH,
    named: () => '(outline)',
  },
  {
    name: 'parts renamed',
    make: (one) => withShown(one, (part) => ({ ...part, name: `${part.name}x` })),
    code: MISMATCH,
  },
  {
    name: 'another hash of a part',
    make: (one) =>
      withShown(one, (part) =>
        part.name === one.field || isWhole(one) ? { ...part, hash: OTHER } : part,
      ),
    code: MISMATCH,
    named: ({ field }) => field,
  },
  {
    name: 'parts in another place',
    make: (one) => withShown(one, (part) => ({ ...part, at: part.at + 1 })),
    code: MISMATCH,
  },
  {
    name: 'another kind of entry',
    make: (one) => withProof(one, { kind: 'CLAIM' }),
    code: MISMATCH,
    named: () => '(leaf)',
  },
  {
    name: 'another leaf',
    make: (one) => ({ evidence: { ...one.evidence, leaf: one.other.leaf } }),
    code: MISMATCH,
    named: () => '(leaf)',
  },
  {
    name: 'another place in the log',
    make: (one) => withProof(one, { inclusion: one.other.proof.inclusion }),
    code: 'EVIDENCE_PATH_INVALID',
  },
  {
    name: 'another salt of the head',
    make: (one) => withProof(one, { headSalt: OTHER }),
    code: 'EVIDENCE_PATH_INVALID',
  },
  ...(['chainId', 'contract', 'slot', 'round'] as const).map((field) => ({
    name: `a digest said to be of another ${field}`,
    make: (one: Genuine) =>
      withDigest(one, { [field]: field === 'contract' ? `0x${'9'.repeat(40)}` : 2 }),
    code: 'EVIDENCE_DIGEST_MISMATCH',
  })),
];

const ofAnchor: Forgery[] = [
  {
    name: 'another chain',
    make: (one) => withAnchor(one, { chainId: 1 }),
    code: 'LEDGER_MISMATCH',
    named: () => 'chainId',
  },
  {
    name: 'another contract',
    make: (one) => withAnchor(one, { contract: `0x${'9'.repeat(40)}` }),
    code: 'LEDGER_MISMATCH',
    named: () => 'contract',
  },
  {
    name: 'another slot',
    make: (one) => withAnchor(one, { slot: 1 }),
    code: 'EVIDENCE_NOT_ANCHORED',
  },
  {
    name: 'another epoch',
    make: (one) => withAnchor(one, { epoch: one.evidence.anchor.epoch + 1 }),
    code: 'EVIDENCE_NOT_ANCHORED',
  },
  {
    name: 'another institution',
    make: (one) => withAnchor(one, { institution: 'institution-1' }),
    code: 'EVIDENCE_NOT_ANCHORED',
  },
];

function isWhole({ evidence }: Genuine): boolean {
  return evidence.proof.parts.count === 1;
}

function listOf({ list, items }: Genuine): string | undefined {
  return list ?? items;
}

function forgeList(one: Genuine, forge: (items: unknown[]) => unknown): Forged | undefined {
  const name = listOf(one);
  return name === undefined ? undefined : changed(one, { [name]: forge(listIn(one, name)) });
}

let network: Network;
let proven: Record<KindName, Evidence>;
let others: Record<KindName, Evidence>;

beforeAll(async () => {
  network = await openAnchoredNetwork(3);
  others = await proveKinds(network, 0);
  proven = await proveKinds(network, 0);
});
afterAll(() => network.close());

const genuineOf = (kind: KindName): Genuine => ({
  ...FIELDS[kind],
  record: KINDS[kind].record as Json,
  evidence: at([proven[kind]], 0),
  other: others[kind],
});

async function verify(record: Json, evidence: Evidence) {
  const coverage = checkRecord(record, evidence);
  const reader = anchorReader(fetch, network.chain.anvil.url);
  await checkAnchor(evidence, reader, { contract: network.register.contract });
  return coverage;
}

const kinds = Object.keys(KINDS) as KindName[];

describe('of the genuine', () => {
  test.each(kinds)(
    'record of a %s, all is told: what is whole, in part and not shown',
    async (kind) => {
      const { record, evidence, items } = genuineOf(kind);
      const fields = Object.keys(record);
      const some = items === undefined ? [] : [{ field: items, shown: 2, of: 3 }];
      const whole = fields.filter((field) => field !== items);
      expect(await verify(record, evidence)).toEqual({ whole, some, notShown: [] });
    },
  );

  test('record of a trial, what is hidden is told by its name', async () => {
    const { record, evidence } = genuineOf('trial');
    const hidden = hideParts(evidence, (name) => name === 'sites' || name === 'summary');
    const fewer = without(without(record, 'sites'), 'summary');
    const { notShown } = await verify(fewer, hidden);
    expect(notShown).toEqual(['sites', 'summary']);
  });

  test('record of an event, the order of its things says nothing, and one may be left out', async () => {
    const { record, evidence } = genuineOf('event');
    const reversed = { ...record, epcs: ['urn:b', 'urn:a'] };
    expect((await verify(reversed, evidence)).some).toEqual([{ field: 'epcs', shown: 2, of: 3 }]);
    const one = { ...record, epcs: ['urn:b'] };
    expect((await verify(one, evidence)).some).toEqual([{ field: 'epcs', shown: 1, of: 3 }]);
  });
});

describe.each(kinds)('of a record of a %s', (kind) => {
  test.each([...ofRecord, ...ofLists, ...ofProof, ...ofAnchor])(
    'the forgery is refused: $name',
    async ({ make, code, named }) => {
      const genuine = genuineOf(kind);
      const forged = make(genuine);
      if (forged === undefined) return;
      const { record = genuine.record, evidence = genuine.evidence } = forged;
      const thrown = await verify(record, evidence).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code });
      const said = Object.values((thrown as { facts: object }).facts);
      const field = named?.(genuine);
      if (field !== undefined) {
        const byAll = [
          'custodian',
          '(none)',
          '__typename',
          '(leaf)',
          '(outline)',
          'chainId',
          'contract',
        ];
        expect(said).toContain(isWhole(genuine) && !byAll.includes(field) ? '(record)' : field);
      }
    },
  );
});
