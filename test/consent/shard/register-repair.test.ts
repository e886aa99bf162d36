import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, test } from 'vitest';
import { examineShard, requireConsistentShard } from '../../../src/consent/shard/consistency.js';
import { overwriteLeaves } from '../../../src/consent/shard/leaf-store.js';
import { repairShard } from '../../../src/consent/shard/repair.js';
import { appendLeaves, prepareAnchor } from '../../../src/consent/shard/shard.js';
import { readSubtree } from '../../../src/consent/shard/subtree.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const server = await openFreshPglite();
afterAll(() => server.close());
const inconsistent = (facts: object) =>
  expect.objectContaining({ code: 'REGISTER_INCONSISTENT', facts });

/** A shard of 70 leaves, anchored; one of them is withdrawn and one appended since. */
async function openShard() {
  const db = await server.open(`repair-${randomUUID()}`);
  const leaves = Array.from({ length: 70 }, (_, i) => BigInt(i + 1));
  await db.transaction((tx) => appendLeaves(tx, leaves, 'CONSENT'));
  const prepared = await prepareAnchor(db);
  await prepared.commit();
  await db.transaction((tx) => overwriteLeaves(tx, [7], EMPTY_LEAF));
  await db.transaction((tx) => appendLeaves(tx, [71n], 'CONSENT'));
  return { db, shardRoot: prepared.shardRoot, before: await readSubtree(db, 0) };
}
type Shard = Awaited<ReturnType<typeof openShard>>;

const tamper = ({ db }: Shard, statement: ReturnType<typeof sql>) =>
  db.transaction((tx) => tx.execute(statement));

/** Overwrites 32 bytes of a page. Node 1 of level 2 stands behind 32 + 16 + 1 others. */
const wrongNode = (tier: number, node: number) => sql`
  UPDATE register_page SET nodes = overlay(nodes PLACING '\\x05'::bytea FROM ${node * 32 + 10})
  WHERE tier = ${tier} AND number = 0`;

describe('a stored node that was tampered with', () => {
  test('is found and named', async () => {
    const shard = await openShard();
    await tamper(shard, wrongNode(0, 32 + 16 + 1));
    const found = inconsistent({ level: 2, index: 1 });
    await expect(requireConsistentShard(shard.db)).rejects.toThrow(found);
  });

  test.each([
    ['in the lowest page', wrongNode(0, 3)],
    ['in the uppermost page', wrongNode(3, 61)],
    ['with its whole page', sql`DELETE FROM register_page WHERE tier = 0`],
    ['cut short', sql`UPDATE register_page SET nodes = '\\x00' WHERE tier = 1`],
    [
      'above no leaf',
      sql`INSERT INTO register_page SELECT 0, 40, nodes FROM register_page LIMIT 1`,
    ],
  ])('%s is mended from the leaves, and what is pending stays so', async (_, statement) => {
    const shard = await openShard();
    await tamper(shard, statement);
    await expect(requireConsistentShard(shard.db)).rejects.toThrow(
      expect.objectContaining({ code: 'REGISTER_INCONSISTENT' }),
    );
    const repaired = await repairShard(shard.db, shard.shardRoot);
    expect(repaired).toMatchObject({ trusted: 'ROWS', shardRoot: shard.shardRoot });
    expect(await requireConsistentShard(shard.db)).toBe(shard.shardRoot);
    expect(await readSubtree(shard.db, 0)).toEqual(shard.before);
    expect((await prepareAnchor(shard.db)).leaves).toBe(2);
  });
});

describe('a leaf that was tampered with', () => {
  test.each([
    [
      'changed',
      sql`UPDATE register_leaf SET leaf = decode(repeat('02', 32), 'hex') WHERE index = 9`,
    ],
    ['no field element', sql`UPDATE register_leaf SET leaf = decode(repeat('ff', 32), 'hex')`],
    ['lost', sql`DELETE FROM register_leaf WHERE index BETWEEN 30 AND 40`],
    ['the pad', sql`UPDATE register_shard SET pad = decode(repeat('03', 32), 'hex')`],
  ])('%s, is restored from the pages that were anchored', async (_, statement) => {
    const shard = await openShard();
    await tamper(shard, statement);
    expect(await examineShard(shard.db)).toMatchObject({ leavesMatch: false });
    const repaired = await repairShard(shard.db, undefined);
    expect(repaired).toMatchObject({ trusted: 'PAGES', shardRoot: shard.shardRoot });
    expect(await requireConsistentShard(shard.db)).toBe(shard.shardRoot);
    expect(await readSubtree(shard.db, 0)).toEqual(shard.before);
  });

  test('in both places is not made into a tree that was never anchored', async () => {
    const shard = await openShard();
    await tamper(shard, sql`UPDATE register_leaf SET leaf = decode(repeat('02', 32), 'hex')`);
    await tamper(shard, wrongNode(0, 3));
    const before = await readSubtree(shard.db, 0);
    const refused = inconsistent({ leaves: 70, check: 'anchored' });
    await expect(repairShard(shard.db, shard.shardRoot)).rejects.toThrow(refused);
    expect(await readSubtree(shard.db, 0)).toEqual(before);
  });
});

describe('the root that was recorded here', () => {
  test('is restored from the ledger if the leaves hash to what the ledger has', async () => {
    const shard = await openShard();
    await tamper(
      shard,
      sql`UPDATE register_shard SET shard_root = decode(repeat('04', 32), 'hex')`,
    );
    const refused = inconsistent({ leaves: 70, check: 'anchored' });
    await expect(repairShard(shard.db, undefined)).rejects.toThrow(refused);
    await repairShard(shard.db, shard.shardRoot);
    expect(await requireConsistentShard(shard.db)).toBe(shard.shardRoot);
  });

  test('counts while the ledger is an anchor ahead', async () => {
    const shard = await openShard();
    await tamper(shard, wrongNode(0, 3));
    const { shardRoot } = await prepareAnchor(shard.db); // confirmed, and the process ended
    expect((await repairShard(shard.db, shardRoot)).shardRoot).toBe(shard.shardRoot);
    expect(await requireConsistentShard(shard.db)).toBe(shard.shardRoot);
  });
});
