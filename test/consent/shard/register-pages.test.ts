import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { overwriteLeaves } from '../../../src/consent/shard/leaf-store.js';
import { appendLeaves, PAD_INDEX, prepareAnchor } from '../../../src/consent/shard/shard.js';
import { readSubtree } from '../../../src/consent/shard/subtree.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { SHARD_LEVELS, SparseTree } from '../../../src/zk/tree.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const SEED = 20260601;
const RUNS = 12;

const server = await openFreshPglite();
afterAll(() => server.close());
type Shard = Awaited<ReturnType<typeof server.open>>;

/** The plain tree beside the pages, and what both are given. */
interface Twin {
  readonly db: Shard;
  readonly oracle: SparseTree;
  /** By index, as the next anchor has them. */
  readonly leaves: Map<number, bigint>;
}

const count = fc.integer({ min: 1, max: 80 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count }),
  fc.record({ kind: fc.constant('overwrite' as const), at: fc.array(fc.nat(), { maxLength: 9 }) }),
  fc.record({ kind: fc.constant('anchor' as const) }),
  fc.record({ kind: fc.constant('crash' as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

let next = 1n;

async function play(twin: Twin, step: Operation): Promise<void> {
  const { db, leaves } = twin;
  if (step.kind === 'append') {
    const added = Array.from({ length: step.count }, () => next++);
    const first = await db.transaction((tx) => appendLeaves(tx, added, 'CONSENT'));
    added.forEach((leaf, i) => void leaves.set(first + i, leaf));
  } else if (step.kind === 'overwrite') {
    if (leaves.size === 0) return;
    const indexes = step.at.map((at) => 1 + (at % leaves.size));
    await db.transaction((tx) => overwriteLeaves(tx, indexes, EMPTY_LEAF));
    for (const index of indexes) leaves.set(index, EMPTY_LEAF);
  } else if (step.kind === 'crash') {
    await prepareAnchor(db); // and no commit
  } else {
    await anchorBoth(twin);
  }
}

async function anchorBoth({ db, oracle, leaves }: Twin): Promise<void> {
  const prepared = await prepareAnchor(db);
  await prepared.commit();
  const subtree = await readSubtree(db, 0);
  oracle.setAll([...leaves, [PAD_INDEX, subtree.leaves[PAD_INDEX] ?? 0n]]);
  expect(prepared.shardRoot).toBe(oracle.root);
  expect(subtree.shardRoot).toBe(oracle.root);
  expect(subtree.root).toBe(oracle.node(10, 0));
  const above = Array.from({ length: 10 }, (_, i) => oracle.node(10 + i, 1));
  expect(subtree.siblings).toEqual(above);
}

describe(`the pages of a shard (fast-check, seed ${SEED})`, () => {
  test('are the plain tree of the same leaves, whatever was appended, overwritten and lost', async () => {
    const property = fc.asyncProperty(fc.array(operation, { maxLength: 14 }), async (steps) => {
      const db = await server.open(`pages-${randomUUID()}`);
      const twin = { db, oracle: new SparseTree(SHARD_LEVELS), leaves: new Map() };
      for (const step of steps) await play(twin, step);
      await anchorBoth(twin);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});
