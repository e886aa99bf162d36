import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { poseidon } from '../../zk/poseidon.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { siblingPlaces } from './change.js';
import { readOneState } from './context.js';
import { emptyHash, readNodeRange, readNodes, readShardRoot, type ShardNode } from './node.js';

/** A subtree has 2^10 leaves: the crowd in which the leaf that is asked for hides. */
export const SUBTREE_LEVELS = 10;
export const SUBTREE_LEAVES = 2 ** SUBTREE_LEVELS;

/** One 1,024th of the shard, as last anchored. */
export interface Subtree {
  readonly number: number;
  /** 1,024, in order; EMPTY_LEAF where there is none. */
  readonly leaves: readonly bigint[];
  /** The subtree's own root. */
  readonly root: bigint;
  /** From the subtree's root upwards, 10 of them. */
  readonly siblings: readonly bigint[];
  readonly shardRoot: bigint;
}

/**
 * The subtree of leaves [1024 n, 1024 (n + 1)), so that asking does not say for which leaf.
 *
 * @throws DomainError BAD_INPUT for a number outside [0, 1024).
 */
export async function readSubtree(db: Database, number: number): Promise<Subtree> {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (SHARD_LEVELS - SUBTREE_LEVELS)) {
    throw new DomainError('BAD_INPUT', { subtree: number });
  }
  const from = number * SUBTREE_LEAVES;
  const above = siblingPlaces([from]).filter(({ level }) => level >= SUBTREE_LEVELS);
  return db.transaction(async (tx) => {
    await readOneState(tx);
    const range = { level: 0, from, until: from + SUBTREE_LEAVES };
    const leaves = new Map((await readNodeRange(tx, range)).map((node) => [node.index, node.hash]));
    const own = { level: SUBTREE_LEVELS, index: number };
    const stored = hashByLevel(await readNodes(tx, above));
    const [root] = await readNodes(tx, [own]);
    return {
      number,
      leaves: Array.from(
        { length: SUBTREE_LEAVES },
        (_, i) => leaves.get(from + i) ?? emptyHash(0),
      ),
      root: root?.hash ?? emptyHash(SUBTREE_LEVELS),
      siblings: above.map(({ level }) => stored.get(level) ?? emptyHash(level)),
      shardRoot: await readShardRoot(tx),
    };
  }, 'read');
}

/**
 * Recomputes every stored node from the leaves upwards: what an operator runs after restoring a
 * database. About two minutes for a full shard.
 *
 * @returns the shard root.
 * @throws DomainError REGISTER_INCONSISTENT naming the first node that is wrong.
 */
export async function requireConsistentShard(db: Database): Promise<bigint> {
  let below = await readLevel(db, 0);
  for (let level = 1; level <= SHARD_LEVELS; level += 1) {
    const stored = await readLevel(db, level);
    const parents = new Set([...below.keys()].map((index) => Math.floor(index / 2)));
    for (const index of new Set([...parents, ...stored.keys()])) {
      const left = below.get(2 * index) ?? emptyHash(level - 1);
      const right = below.get(2 * index + 1) ?? emptyHash(level - 1);
      if (poseidon([left, right]) !== (stored.get(index) ?? emptyHash(level))) {
        throw new DomainError('REGISTER_INCONSISTENT', { level, index });
      }
    }
    below = stored;
  }
  return below.get(0) ?? emptyHash(SHARD_LEVELS);
}

async function readLevel(db: Database, level: number): Promise<Map<number, bigint>> {
  const range = { level, from: 0, until: 2 ** (SHARD_LEVELS - level) };
  const nodes = await db.transaction((tx) => readNodeRange(tx, range), 'read');
  return new Map(nodes.map(({ index, hash }) => [index, hash]));
}

function hashByLevel(nodes: readonly ShardNode[]): Map<number, bigint> {
  return new Map(nodes.map(({ level, hash }) => [level, hash]));
}
