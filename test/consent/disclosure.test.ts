import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { bytesOf, nextHead, ZERO_HEAD } from '../../src/consent/feed/digest.js';
import {
  commitmentOf,
  disclosureHead,
  type Release,
  recordDisclosures,
  sealDisclosures,
} from '../../src/consent/register/disclosure.js';
import { disclosure } from '../../src/consent/register/table-disclosure.js';
import { toPseudonym } from '../../src/core/ids.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { STUDY } from './study-wallet.js';

const statements: string[] = [];
const server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
const db = await server.open('riverside-hospital');
afterAll(() => server.close());
beforeEach(() => db.transaction((tx) => tx.delete(disclosure)));

const release = (count: number): Release => ({
  at: 3_990_000_000,
  study: STUDY,
  pseudonym: toPseudonym('123'),
  handle: '456',
  purpose: 'HRESCH',
  dataClass: 'OBSERVATION',
  count,
});
const releases = (count: number) => Array.from({ length: count }, (_, i) => release(i));
const rows = () =>
  db.transaction((tx) => tx.select().from(disclosure).orderBy(disclosure.id), 'read');

describe('disclosures', () => {
  test('of one request are one INSERT, however many participants', async () => {
    statements.length = 0;
    await db.transaction((tx) => recordDisclosures(tx, releases(1_000)));
    expect(statements.filter((statement) => /^insert/i.test(statement))).toHaveLength(1);
    expect(await rows()).toHaveLength(1_000);
  });

  test('are chained in order, each once, whenever the chain is sealed', async () => {
    await db.transaction((tx) => recordDisclosures(tx, releases(3)));
    await db.transaction(sealDisclosures);
    await db.transaction((tx) => recordDisclosures(tx, releases(2)));
    const head = await db.transaction(sealDisclosures);
    const stored = await rows();
    expect(stored.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    const oracle = stored.reduce((last, row) => nextHead(last, bytesOf(row.commitment)), ZERO_HEAD);
    expect(head).toBe(oracle);
    expect(await db.transaction(disclosureHead)).toBe(head);
    expect(await db.transaction(sealDisclosures)).toBe(head);
  });

  test('sealed by two at once are chained once', async () => {
    await db.transaction((tx) => recordDisclosures(tx, releases(20)));
    const heads = await Promise.all([1, 2, 3].map(() => db.transaction(sealDisclosures)));
    expect(new Set(heads).size).toBe(1);
  });

  test('have zeros for a head before the first', async () => {
    expect(await db.transaction(sealDisclosures)).toBe(ZERO_HEAD);
  });

  test('commit to what was released, under a salt of their own', async () => {
    await db.transaction((tx) => recordDisclosures(tx, [release(7), release(7)]));
    const [first, second] = await rows();
    expect(first?.commitment).not.toBe(second?.commitment);
    expect(first && commitmentOf(first, first.salt)).toBe(first?.commitment);
    expect(first && commitmentOf({ ...first, count: 8 }, first.salt)).not.toBe(first?.commitment);
  });

  test('that cannot be recorded take the answer with them', async () => {
    const reading = db.transaction(async (tx) => {
      await recordDisclosures(tx, [{ ...release(1), count: 2 ** 40 }]);
      return 'the rows';
    });
    await expect(reading).rejects.toThrow();
    expect(await rows()).toEqual([]);
  });

  test('can be erased without breaking the chain', async () => {
    await db.transaction((tx) => recordDisclosures(tx, releases(3)));
    const head = await db.transaction(sealDisclosures);
    const [erased] = await rows();
    await db.transaction((tx) =>
      tx
        .update(disclosure)
        .set({ pseudonym: sql`''`, handle: '', salt: '' })
        .where(eq(disclosure.id, erased?.id ?? 0)),
    );
    const oracle = (await rows()).reduce(
      (last, row) => nextHead(last, bytesOf(row.commitment)),
      ZERO_HEAD,
    );
    expect(oracle).toBe(head);
  });
});
