import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { databaseHighWater } from '../../../src/consent/anchoring/high-water.js';
import { elementToBytes } from '../../../src/consent/base/element.js';
import { requireConsistentShard } from '../../../src/consent/shard/consistency.js';
import { overwriteLeaves } from '../../../src/consent/shard/leaf-store.js';
import {
  appendLeaf,
  appendLeaves,
  PAD_INDEX,
  prepareAnchor,
} from '../../../src/consent/shard/shard.js';
import { readSubtree, SUBTREE_LEAVES } from '../../../src/consent/shard/subtree.js';
import { registerLeaf } from '../../../src/consent/tables/table-register.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { rootFromPath, SparseTree } from '../../../src/zk/tree.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const server = await openFreshPglite();
afterAll(() => server.close());
const openShard = () => server.open(`shard-${randomUUID()}`);
type Shard = Awaited<ReturnType<typeof openShard>>;

async function append(db: Shard, leaves: readonly bigint[]): Promise<number[]> {
  return db.transaction(async (tx) => {
    const indexes: number[] = [];
    for (const leaf of leaves) indexes.push(await appendLeaf(tx, leaf, 'CONSENT'));
    return indexes;
  });
}

async function anchor(db: Shard): Promise<bigint> {
  const prepared = await prepareAnchor(db);
  await prepared.commit();
  return prepared.shardRoot;
}

const appendAtOnce = (db: Shard, leaves: readonly bigint[]) =>
  db.transaction((tx) => appendLeaves(tx, leaves, 'CONSENT'));
const overwrite = (db: Shard, indexes: readonly number[], leaf = EMPTY_LEAF) =>
  db.transaction((tx) => overwriteLeaves(tx, indexes, leaf));

/** Leaves of the given count, other than any that a test looks for. */
const range = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i + 1));

describe('the shard', () => {
  test('has the root that the tree of all its leaves has', async () => {
    const db = await openShard();
    await append(db, range(70));
    await anchor(db);
    await append(db, [500n, 501n]);
    const shardRoot = await anchor(db);
    const { leaves } = await readSubtree(db, 0);
    const oracle = new SparseTree(20);
    oracle.setAll(leaves.entries());
    expect(shardRoot).toBe(oracle.root);
    expect(leaves.slice(1, 73)).toEqual([...range(70), 500n, 501n]);
    expect(await requireConsistentShard(db)).toBe(shardRoot);
  });

  test('serves paths that lead from each leaf to its root, in any subtree', async () => {
    const db = await openShard();
    await appendAtOnce(db, range(SUBTREE_LEAVES + 3));
    const shardRoot = await anchor(db);
    for (const number of [0, 1, 1023]) {
      const subtree = await readSubtree(db, number);
      const tree = new SparseTree(10);
      tree.setAll(subtree.leaves.entries());
      expect(tree.root).toBe(subtree.root);
      expect(rootFromPath(subtree.root, subtree.siblings, number)).toBe(shardRoot);
    }
    const second = await readSubtree(db, 1);
    expect(second.leaves.slice(0, 5)).toEqual([1024n, 1025n, 1026n, 1027n, EMPTY_LEAF]);
  });

  test('looks different each interval although nothing changed', async () => {
    const db = await openShard();
    const roots = [await anchor(db), await anchor(db), await anchor(db)];
    expect(new Set(roots).size).toBe(3);
  });

  test.each([-1, 1024, 0.5, Number.NaN])('has no subtree %s', async (number) => {
    const db = await server.open('riverside-hospital');
    await expect(readSubtree(db, number)).rejects.toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });
});

describe('overwriting', () => {
  test('a leaf before it was ever anchored: it is never under a root', async () => {
    const db = await openShard();
    await append(db, [11n, 12n]);
    await overwrite(db, [1]);
    const shardRoot = await anchor(db);
    expect((await readSubtree(db, 0)).leaves.slice(1, 3)).toEqual([EMPTY_LEAF, 12n]);
    expect(await requireConsistentShard(db)).toBe(shardRoot);
  });

  test('twice between two anchors keeps the last value, and settles', async () => {
    const db = await openShard();
    await append(db, range(5));
    await anchor(db);
    await overwrite(db, [2, 4], 21n);
    await overwrite(db, [4, 4], 22n);
    expect((await prepareAnchor(db)).leaves).toBe(2);
    const shardRoot = await anchor(db);
    expect((await readSubtree(db, 0)).leaves.slice(1, 6)).toEqual([1n, 21n, 3n, 22n, 5n]);
    expect(await requireConsistentShard(db)).toBe(shardRoot);
    expect((await prepareAnchor(db)).leaves).toBe(0);
  });
});

describe('more leaves than one anchor takes', () => {
  test('are anchored in turn, those that were overwritten first', async () => {
    const db = await openShard();
    await append(db, [11n]);
    await anchor(db);
    await append(db, range(40));
    await overwrite(db, [1, 41]);
    await (await prepareAnchor(db, 40)).commit();
    const { leaves } = await readSubtree(db, 0);
    expect(leaves.slice(1, 43)).toEqual([EMPTY_LEAF, ...range(39), EMPTY_LEAF, EMPTY_LEAF]);
    const rest = await prepareAnchor(db, 40);
    expect(rest.leaves).toBe(1);
    await rest.commit();
    expect((await readSubtree(db, 0)).leaves[41]).toBe(EMPTY_LEAF);
    expect((await prepareAnchor(db)).leaves).toBe(0);
    expect(await requireConsistentShard(db)).toBe(rest.shardRoot);
  });
});

describe('until the ledger confirmed an anchor', () => {
  test('the shard as last anchored is served', async () => {
    const db = await openShard();
    await append(db, [11n]);
    const anchored = await anchor(db);
    await append(db, [12n]);
    const prepared = await prepareAnchor(db);
    expect(await readSubtree(db, 0)).toMatchObject({ shardRoot: anchored });
    await prepared.commit();
    expect(await readSubtree(db, 0)).toMatchObject({ shardRoot: prepared.shardRoot });
  });

  test('a crash loses no leaf: the next anchor takes it', async () => {
    const db = await openShard();
    const [index] = await append(db, [11n]);
    await prepareAnchor(db); // and the process ends here
    expect((await readSubtree(db, 0)).leaves[1]).toBe(EMPTY_LEAF);
    await anchor(db);
    expect(index).toBe(1);
    expect((await readSubtree(db, 0)).leaves[1]).toBe(11n);
  });

  test('a leaf that is overwritten meanwhile stays pending for the next one', async () => {
    const db = await openShard();
    await append(db, [11n]);
    const prepared = await prepareAnchor(db);
    await overwrite(db, [1]);
    await prepared.commit();
    expect((await readSubtree(db, 0)).leaves[1]).toBe(11n);
    await anchor(db);
    expect((await readSubtree(db, 0)).leaves[1]).toBe(EMPTY_LEAF);
  });

  test('two prepared over the same shard cannot both be committed', async () => {
    const db = await openShard();
    const [first, second] = [await prepareAnchor(db), await prepareAnchor(db)];
    await first.commit();
    await expect(second.commit()).rejects.toThrow();
    expect(await requireConsistentShard(db)).toBe(first.shardRoot);
  });
});

describe('a full shard', () => {
  test('refuses the leaf after the last place', async () => {
    const db = await openShard();
    const leaf = elementToBytes(1n);
    const last = { index: 2 ** 20 - 2, leaf, kind: 'CONSENT' } as const;
    await db.transaction((tx) => tx.insert(registerLeaf).values(last));
    expect(await append(db, [2n])).toEqual([2 ** 20 - 1]);
    await expect(append(db, [3n])).rejects.toThrow(expect.objectContaining({ code: 'SHARD_FULL' }));
  });

  test('takes none of a batch that does not fit whole', async () => {
    const db = await openShard();
    const leaf = elementToBytes(1n);
    const last = { index: 2 ** 20 - 3, leaf, kind: 'CONSENT' } as const;
    await db.transaction((tx) => tx.insert(registerLeaf).values(last));
    const full = expect.objectContaining({ code: 'SHARD_FULL' });
    await expect(appendAtOnce(db, [2n, 3n, 4n])).rejects.toThrow(full);
    expect(await appendAtOnce(db, [2n, 3n])).toBe(2 ** 20 - 2);
  });
});

describe('the high-water mark', () => {
  test('is what was saved last, and nothing at first', async () => {
    const store = databaseHighWater(await openShard());
    expect(await store.load()).toBeUndefined();
    await store.save({ epoch: 3, root: 30n });
    await store.save({ epoch: 4, root: 2n ** 253n });
    expect(await store.load()).toEqual({ epoch: 4, root: 2n ** 253n });
  });
});

test('the pad has a place that no consent ever gets', async () => {
  const db = await openShard();
  expect(await append(db, [1n])).not.toContain(PAD_INDEX);
});
