import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Release, recordDisclosures } from '../../../src/consent/disclosures/disclosure.js';
import { disclosure } from '../../../src/consent/tables/table-disclosure.js';
import { evidenceEntry } from '../../../src/consent/tables/table-evidence.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

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
const entries = () => db.transaction((tx) => tx.select().from(evidenceEntry), 'read');

describe('disclosures', () => {
  test('of one request are one statement, however many participants: the rows and their leaves', async () => {
    statements.length = 0;
    await db.transaction((tx) => recordDisclosures(tx, releases(1_000)));
    expect(
      statements.filter((statement) => /insert into disclosure/i.test(statement)),
    ).toHaveLength(1);
    expect(statements.filter((statement) => !/^\s*set/i.test(statement))).toHaveLength(1);
    expect(await rows()).toHaveLength(1_000);
  });

  test('each have a leaf of their own in the log, though two say the same', async () => {
    await db.transaction((tx) => recordDisclosures(tx, [release(7), release(7)]));
    const [first, second] = await rows();
    expect(first?.leaf).not.toBe(second?.leaf);
    const leaves = new Set((await entries()).map(({ leaf }) => leaf));
    expect([first?.leaf, second?.leaf].every((leaf) => leaf && leaves.has(leaf))).toBe(true);
  });

  test('that cannot be recorded take the answer and their leaves with them', async () => {
    const before = (await entries()).length;
    const reading = db.transaction(async (tx) => {
      await recordDisclosures(tx, [{ ...release(1), count: 2 ** 40 }]);
      return 'the rows';
    });
    await expect(reading).rejects.toThrow();
    expect(await rows()).toEqual([]);
    expect(await entries()).toHaveLength(before);
  });
});
