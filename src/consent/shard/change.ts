import { setImmediate } from 'node:timers/promises';
import { invariant } from '../../core/errors.js';
import { hashPairs } from '../../zk/poseidon/poseidon.js';
import { ELEMENT_BYTES } from '../base/element.js';
import { levelOffset, PAGE_BYTES, PAGE_LEVELS, PAGE_WIDTH, type TierPages } from './page.js';

/** Hashes between two turns of the event loop: tens of milliseconds, so that requests are served. */
const HASHES_PER_TURN = 512;
const PAIR_BYTES = 2 * ELEMENT_BYTES;

/** Nodes of one level that take new values. */
export interface LevelChange {
  /** Ascending, each once. */
  readonly indexes: readonly number[];
  /** 32 bytes for each of the indexes, in their order. */
  readonly hashes: Uint8Array;
}

/** The pages of each tier that leaves at these indexes are hashed through, from the leaves upwards. */
export function touchedPages(
  indexes: readonly number[],
  tiers: number,
): readonly (readonly number[])[] {
  const touched: (readonly number[])[] = [];
  let below = indexes;
  for (let tier = 0; tier < tiers; tier += 1) {
    below = distinct(below, PAGE_WIDTH);
    touched.push(below);
  }
  return touched;
}

/**
 * Writes changed leaves into the pages above them and hashes every node that changes once, level by
 * level, the pages' roots included.
 *
 * @param leaves - at least one.
 * @param pages - touchedPages of these leaves, tier by tier from the leaves on; written to.
 * @returns the roots of the last tier's pages: the shard root, if all tiers are given.
 */
export async function hashUpwards(
  leaves: LevelChange,
  pages: readonly TierPages[],
): Promise<LevelChange> {
  let change = leaves;
  for (const tier of pages) {
    for (let local = 0; local < PAGE_LEVELS; local += 1) {
      change = await hashLevel(change, tier, local);
    }
  }
  return change;
}

/** Writes one level of a tier's pages and hashes the nodes above what changed. */
async function hashLevel(
  { indexes, hashes }: LevelChange,
  pages: TierPages,
  local: number,
): Promise<LevelChange> {
  const width = PAGE_WIDTH / 2 ** local;
  const parents = distinct(indexes, 2);
  const pairs = new Uint8Array(parents.length * PAIR_BYTES);
  const offsetOf = offsetsIn(pages, width, levelOffset(local));
  for (const [i, index] of indexes.entries()) {
    pages.nodes.set(hashes.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES), offsetOf(index));
  }
  const pairOffsetOf = offsetsIn(pages, width, levelOffset(local));
  for (const [i, parent] of parents.entries()) {
    const left = pairOffsetOf(2 * parent);
    pairs.set(pages.nodes.subarray(left, left + PAIR_BYTES), i * PAIR_BYTES);
  }
  return { indexes: parents, hashes: await hashInTurns(pairs) };
}

/** Where nodes of one level stand in the pages' bytes; to be asked in ascending order. */
function offsetsIn(pages: TierPages, width: number, levelStart: number) {
  let position = 0;
  return (index: number): number => {
    const number = Math.floor(index / width);
    while (pages.numbers[position] !== number) {
      position += 1;
      invariant(position < pages.numbers.length, 'every page that a leaf touches was read');
    }
    return position * PAGE_BYTES + levelStart + (index % width) * ELEMENT_BYTES;
  };
}

async function hashInTurns(pairs: Uint8Array): Promise<Uint8Array> {
  const hashes = new Uint8Array(pairs.length / 2);
  const bytesPerTurn = HASHES_PER_TURN * PAIR_BYTES;
  for (let at = 0; at < pairs.length; at += bytesPerTurn) {
    hashes.set(hashPairs(pairs.subarray(at, at + bytesPerTurn)), at / 2);
    if (at + bytesPerTurn < pairs.length) await setImmediate();
  }
  return hashes;
}

/** The indexes divided by a width, rounded down, each once; ascending as they are. */
function distinct(indexes: readonly number[], width: number): number[] {
  const found: number[] = [];
  for (const index of indexes) {
    const divided = Math.floor(index / width);
    if (divided !== found.at(-1)) found.push(divided);
  }
  return found;
}
