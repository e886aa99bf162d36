import { setImmediate } from 'node:timers/promises';
import { invariant } from '../../core/errors.js';
import { poseidon } from '../../zk/poseidon.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { emptyHash, type NodePlace, type ShardNode } from './node.js';

/** Hashes between two turns of the event loop: about 60 ms, so that requests are served meanwhile. */
const HASHES_PER_TURN = 512;

/** Every place that hashing these leaves upwards reads beside what it computes itself. */
export function siblingPlaces(leafIndexes: Iterable<number>): NodePlace[] {
  const places: NodePlace[] = [];
  let touched = new Set(leafIndexes);
  for (let level = 0; level < SHARD_LEVELS; level += 1) {
    for (const index of touched) {
      if (!touched.has(siblingOf(index))) places.push({ level, index: siblingOf(index) });
    }
    touched = parentsOf(touched);
  }
  return places;
}

/**
 * Every node that changes with these leaves, each hashed once, the root last.
 *
 * @param leaves - at least one, by index.
 * @param siblings - what is stored at siblingPlaces; a place left out is empty.
 */
export async function changedNodes(
  leaves: ReadonlyMap<number, bigint>,
  siblings: readonly ShardNode[],
): Promise<ShardNode[]> {
  const stored = new Map(siblings.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  const changed: ShardNode[] = [];
  let below = leaves;
  let hashes = 0;
  for (let level = 0; ; level += 1) {
    for (const [index, hash] of below) changed.push({ level, index, hash });
    if (level === SHARD_LEVELS) return changed;
    const current = below;
    const childAt = (index: number) =>
      current.get(index) ?? stored.get(`${level}/${index}`) ?? emptyHash(level);
    const above = new Map<number, bigint>();
    for (const parent of parentsOf(current.keys())) {
      above.set(parent, poseidon([childAt(2 * parent), childAt(2 * parent + 1)]));
      hashes += 1;
      if (hashes % HASHES_PER_TURN === 0) await setImmediate();
    }
    below = above;
  }
}

/** The root among the nodes that changedNodes returns. */
export function rootOf(changed: readonly ShardNode[]): bigint {
  const root = changed.at(-1);
  invariant(root?.level === SHARD_LEVELS, 'the root is hashed last');
  return root.hash;
}

function parentsOf(indexes: Iterable<number>): Set<number> {
  const parents = new Set<number>();
  for (const index of indexes) parents.add(Math.floor(index / 2));
  return parents;
}

function siblingOf(index: number): number {
  return index % 2 === 0 ? index + 1 : index - 1;
}
