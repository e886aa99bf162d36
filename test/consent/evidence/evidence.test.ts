import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../../src/client/evidence/check.js';
import { recordsIn } from '../../../src/client/evidence/file.js';
import { DatabaseConsents } from '../../../src/consent/answers/node-consents.js';
import {
  eraseDisclosures,
  provenDisclosures,
  recordDisclosures,
} from '../../../src/consent/disclosures/disclosure.js';
import { appendEvidence, eraseEvidence } from '../../../src/consent/evidence/append.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import { openHead, sealLog } from '../../../src/consent/evidence/seal.js';
import { hashesOfRanges } from '../../../src/consent/evidence/tile.js';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { evidenceEntry } from '../../../src/consent/tables/table-evidence.js';
import { fromBytes32, toBytes32, ZERO_HEAD } from '../../../src/core/bytes32.js';
import { DomainError } from '../../../src/core/errors.js';
import { type EvidenceLog, headOf, leafOf } from '../../../src/core/evidence/evidence.js';
import { EVIDENCE_FIELDS } from '../../../src/core/evidence/evidence-wire.js';
import { treeHash } from '../../../src/core/evidence/merkle-tree.js';
import { toInstitutionId, toPseudonym } from '../../../src/core/ids.js';
import { institutionField } from '../../../src/zk/arithmetic/field.js';
import { signEddsa } from '../../../src/zk/eddsa.js';
import { listMessage } from '../../../src/zk/leaf.js';
import {
  anchor,
  append,
  partsOfRecord,
  proverOf,
  readerOf,
} from '../../support/consent/evidence-log.js';
import { type FeedNetwork, openFeedNetwork } from '../../support/consent/feed-network.js';
import { walletParts } from '../../support/consent/gate-feed.js';
import { dateOf, gateAt, makeSession } from '../../support/consent/gate-fixture.js';
import { answerOf, inDecimals } from '../../support/consent/my-network.js';
import { studyWallet } from '../../support/consent/study-wallet.js';
import { STUDY } from '../../support/names.js';

const MAKER = 'helix-pharma';
const SPONSOR = 'northwind-trials';
const HOSPITAL = 'riverside-hospital';
let network: FeedNetwork;

beforeAll(async () => {
  network = await openFeedNetwork(SPONSOR, MAKER, HOSPITAL);
});
afterAll(() => network.close());

const dbOf = (id: string) => network.feedOf(id).db;
const seal = (id: string, log: EvidenceLog = 'RECORDS') =>
  dbOf(id).transaction((tx) => sealLog(tx, log));
const placed = (id: string) =>
  dbOf(id).transaction(
    (tx) =>
      tx
        .select()
        .from(evidenceEntry)
        .where(eq(evidenceEntry.log, 'RECORDS'))
        .orderBy(evidenceEntry.position),
    'read',
  );
const recordOf = (number: number) => ({ id: `NCT${number}`, title: `Trial ${number}` });

describe('an evidence log', () => {
  test('has zeros for a head before its first entry', async () => {
    expect(await seal(MAKER)).toBe(ZERO_HEAD);
  });

  test('has the root of a Merkle tree over all its leaves in order, however it grew', async () => {
    // Across the edges of the tiles: partly filled, just filled, and several at once.
    for (const count of [1, 254, 1, 1, 300, 513, 2]) {
      await dbOf(MAKER).transaction((tx) =>
        appendEvidence(
          tx,
          'SUPPLY_EVENT',
          Array.from({ length: count }, (_, i) => partsOfRecord(i)),
        ),
      );
      const head = await seal(MAKER);
      const entries = await placed(MAKER);
      expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
      const opened = await dbOf(MAKER).transaction((tx) => openHead(tx, 'RECORDS', head), 'read');
      const root = toBytes32(treeHash(entries.map(({ leaf }) => fromBytes32(leaf))));
      expect(opened).toMatchObject({ size: entries.length, root });
      expect(opened && headOf('RECORDS', opened)).toBe(head);
    }
  });

  test('keeps the places of its entries, and shows another head each time it is sealed', async () => {
    const before = await placed(MAKER);
    const heads = [await seal(MAKER), await seal(MAKER)];
    expect(new Set(heads).size).toBe(2);
    expect(await placed(MAKER)).toEqual(before);
  });

  test('sealed by several at once gives each entry one place', async () => {
    await append(network, MAKER, ...Array.from({ length: 20 }, (_, i) => i));
    await Promise.all([1, 2, 3].map(() => seal(MAKER)));
    const entries = await placed(MAKER);
    expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
  });

  test('loses entries of a transaction that fails, and no place', async () => {
    const size = (await placed(MAKER)).length;
    const failing = dbOf(MAKER).transaction(async (tx) => {
      await appendEvidence(tx, 'TRIAL', [partsOfRecord(1)]);
      throw new Error('the record is not stored');
    });
    await expect(failing).rejects.toThrow('not stored');
    await append(network, MAKER, 1);
    await seal(MAKER);
    expect((await placed(MAKER)).map(({ position }) => position)).toHaveLength(size + 1);
    expect((await placed(MAKER)).at(-1)?.position).toBe(size);
  });

  test('hashes a subtree from stored hashes of its parts as from its leaves', async () => {
    const tiles = await dbOf(MAKER).transaction(
      (tx) => hashesOfRanges(tx, 'RECORDS', [{ from: 0, until: 1_024 }]),
      'read',
    );
    const leaves = (await placed(MAKER)).slice(0, 1_024).map(({ leaf }) => fromBytes32(leaf));
    expect(tiles).toEqual([toBytes32(treeHash(leaves))]);
  });
});

describe('the evidence of a record', () => {
  test('is null until it is anchored, and proves it from then on', async () => {
    const [leaf = null] = await append(network, SPONSOR, 1, 2, 3);
    const row = { leaf, parts: partsOfRecord(1) };
    const prove = proverOf(network, SPONSOR);
    expect(await prove([row])).toEqual([null]);
    await anchor(network, SPONSOR);
    const [evidence] = await prove([row]);
    if (!evidence) throw new Error('anchored');
    expect(checkRecord(recordOf(1), evidence).whole).toEqual(['id', 'title']);
    await expect(checkAnchor(evidence, readerOf(network))).resolves.toMatchObject({
      institution: SPONSOR,
    });
  });

  test('is null for a row that was never appended', async () => {
    expect(await proverOf(network, SPONSOR)([{ leaf: null, parts: [] }])).toEqual([null]);
  });

  test('is null while the ledger is not seen', async () => {
    const [leaf = null] = await append(network, SPONSOR, 4);
    await anchor(network, SPONSOR);
    const blind = createProver({
      db: dbOf(SPONSOR),
      institution: network.feedOf(SPONSOR).institution,
      ledger: () => {
        throw new DomainError('LEDGER_UNAVAILABLE');
      },
    });
    expect(await blind([{ leaf, parts: partsOfRecord(4) }])).toEqual([null]);
  });

  test('of a row changed behind the log proves what was logged, not what stands there now', async () => {
    const [leaf = null] = await append(network, SPONSOR, 5);
    await anchor(network, SPONSOR);
    const [evidence] = await proverOf(network, SPONSOR)([{ leaf, parts: partsOfRecord(6) }]);
    if (!evidence) throw new Error('anchored');
    expect(() => checkRecord(recordOf(6), evidence)).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH' }),
    );
  });

  test('shows only the parts that the caller may see', async () => {
    const [leaf = null] = await append(network, SPONSOR, 7);
    await anchor(network, SPONSOR);
    const shows = ({ name }: { name: string }) => name === 'id';
    const row = { leaf, parts: partsOfRecord(7), shows };
    const [evidence] = await proverOf(network, SPONSOR)([row]);
    if (!evidence) throw new Error('anchored');
    expect(checkRecord({ id: 'NCT7' }, evidence).whole).toEqual(['id']);
    expect(evidence.proof.parts.shown.map(({ name }) => name)).toEqual(['#', 'id']);
    expect(() => checkRecord(recordOf(7), evidence)).toThrow(
      expect.objectContaining({ facts: { field: 'title' } }),
    );
  });
});

describe('an erased entry', () => {
  test('has no evidence any more, and all others are proven as before', async () => {
    const leaves = await append(network, SPONSOR, 10, 11, 12);
    await anchor(network, SPONSOR);
    const rows = leaves.map((leaf, i) => ({ leaf, parts: partsOfRecord(10 + i) }));
    const prove = proverOf(network, SPONSOR);
    const before = await prove(rows);
    await dbOf(SPONSOR).transaction((tx) => eraseEvidence(tx, leaves.slice(1, 2)));
    const after = await prove(rows);
    expect(after[1]).toBeNull();
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    await append(network, SPONSOR, 13);
    await anchor(network, SPONSOR);
    const [still] = await prove(rows);
    expect(still && checkRecord(recordOf(10), still).whole).toEqual(['id', 'title']);
  });

  test('leaves nothing that its content could be guessed by', async () => {
    const [leaf] = await append(network, SPONSOR, 20);
    if (leaf === undefined) throw new Error('appended');
    await dbOf(SPONSOR).transaction((tx) => eraseEvidence(tx, [leaf]));
    const [kept] = await dbOf(SPONSOR).transaction((tx) =>
      tx.select().from(evidenceEntry).where(eq(evidenceEntry.leaf, leaf)),
    );
    expect(kept).toMatchObject({ salt: null, leaf });
    expect(JSON.stringify(kept)).not.toContain('NCT20');
    // An attacker who guesses the content must still guess the salt: what remains does not help.
    const [, other = leaf] = await append(network, SPONSOR, 20, 20);
    expect([leafOf('TRIAL', partsOfRecord(20), leaf), other]).not.toContain(leaf);
  });
});

describe('disclosures', () => {
  const released = (pseudonym: string, count: number) => ({
    at: 3_990_000_000,
    study: STUDY,
    pseudonym: toPseudonym(pseudonym),
    handle: '456',
    purpose: 'HRESCH' as const,
    dataClass: 'OBSERVATION' as const,
    count,
  });
  const of = (pseudonym: string, below?: { readonly at: number; readonly id: number }) =>
    provenDisclosures(
      dbOf(HOSPITAL),
      proverOf(network, HOSPITAL),
      { study: STUDY, pseudonym: toPseudonym(pseudonym) },
      { below, since: 0, size: 2 },
    );

  test('of one participant are listed in pages, each proven to anybody', async () => {
    await dbOf(HOSPITAL).transaction((tx) =>
      recordDisclosures(tx, [
        released('1', 5),
        released('2', 6),
        released('1', 7),
        released('1', 8),
      ]),
    );
    expect((await of('1')).map(({ evidence }) => evidence)).toEqual([null, null]);
    await anchor(network, HOSPITAL);
    const page = await of('1');
    const next = await of('1', { at: 3_990_000_000, id: page.at(-1)?.id ?? 0 });
    expect([...page, ...next].map(({ record }) => record.count)).toEqual([8, 7, 5]);
    for (const { record, evidence } of [...page, ...next]) {
      if (!evidence) throw new Error('anchored');
      expect(checkRecord({ ...record }, evidence).whole).toHaveLength(7);
      for (const change of [{ count: 9 }, { purpose: 'TREAT' }, { pseudonym: '2' }, { more: 1 }]) {
        expect(() => checkRecord({ ...record, ...change }, evidence)).toThrow(
          expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH' }),
        );
      }
      const { count: _, ...less } = record;
      expect(() => checkRecord(less, evidence)).toThrow(
        expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH' }),
      );
    }
  });

  test('that a participant is shown by the study key are proven to anyone who receives them', async () => {
    const wallet = studyWallet();
    await dbOf(HOSPITAL).transaction((tx) =>
      recordDisclosures(tx, [released(String(wallet.pseudonym), 4)]),
    );
    const { holder } = await makeSession();
    const institution = toInstitutionId(HOSPITAL);
    const at = network.feedOf(HOSPITAL).clock.nowSeconds();
    const message = listMessage(institutionField(HOSPITAL), BigInt(at), holder.field);
    const signature = inDecimals(signEddsa(wallet.seed, message));
    const schema = consentSubgraph(
      new DatabaseConsents({
        gate: gateAt(dbOf(HOSPITAL), 1n, { institution }),
        ...walletParts(network.feedOf(HOSPITAL)),
        prove: proverOf(network, HOSPITAL),
      }),
    );
    const ask = async () => {
      const { data, codes } = await answerOf(
        schema,
        `query ($key: PublicKeyInput!, $lists: [SignedListInput!]!) {
          my(study: "${STUDY}", publicKey: $key, lists: $lists) {
            disclosures { nodes { record evidence { ${EVIDENCE_FIELDS} } } } } }`,
        {
          key: inDecimals(wallet.publicKey),
          lists: [{ institution, at: dateOf(at), signature }],
        },
        PermitSet.mint([], [], holder),
      );
      expect(codes).toEqual([]);
      const [found] = recordsIn({ data });
      if (found === undefined) throw new Error('a record');
      return found;
    };
    expect((await ask()).evidence).toBeUndefined();
    await anchor(network, HOSPITAL);
    const { record, evidence } = await ask();
    if (!evidence) throw new Error('anchored');
    expect(checkRecord(record, evidence).whole).toHaveLength(7);
    await checkAnchor(evidence, readerOf(network));
    expect(() => checkRecord({ ...record, count: 5 }, evidence)).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH' }),
    );
  });

  test("erased of one participant leave the others' proven, and no trace of whose they were", async () => {
    const subject = { study: STUDY, pseudonym: toPseudonym('1') };
    await dbOf(HOSPITAL).transaction((tx) => eraseDisclosures(tx, subject));
    expect(await of('1')).toEqual([]);
    const salts = await dbOf(HOSPITAL).transaction((tx) =>
      tx.execute(sql`SELECT count(*)::int AS count FROM evidence_entry WHERE salt IS NULL`),
    );
    expect((salts as unknown as { rows: unknown[] }).rows).toEqual([{ count: 3 }]);
    await anchor(network, HOSPITAL);
    const [other] = await of('2');
    if (!other?.evidence) throw new Error('anchored');
    expect(checkRecord({ ...other.record }, other.evidence).whole).toHaveLength(7);
  });
});
