import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { readOneState } from '../base/context.js';
import { ELEMENT_BYTES, elementFromBytes, elementsFromBytes } from '../base/element.js';
import { levelOffset, PAGE_LEVELS, PAGE_WIDTH, pageAt, TIERS, type TierPages } from './page.js';
import { readPages, readShardState } from './page-store.js';

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

const PAGES_OF_LEAVES = SUBTREE_LEAVES / PAGE_WIDTH;

/**
 * The subtree of leaves [1024 n, 1024 (n + 1)), so that asking does not say for which leaf.
 *
 * @throws DomainError BAD_INPUT for a number outside [0, 1024).
 */
export async function readSubtree(db: Database, number: number): Promise<Subtree> {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (SHARD_LEVELS - SUBTREE_LEVELS)) {
    throw new DomainError('BAD_INPUT', { subtree: number });
  }
  const first = number * PAGES_OF_LEAVES;
  const bottom = Array.from({ length: PAGES_OF_LEAVES }, (_, i) => first + i);
  return db.transaction(async (tx) => {
    await readOneState(tx);
    const leaves = await readPages(tx, 0, bottom);
    const above: TierPages[] = [];
    for (let tier = SUBTREE_LEVELS / PAGE_LEVELS; tier < TIERS; tier += 1) {
      above.push(await readPages(tx, tier, [pageOf(tier, SUBTREE_LEVELS, number)]));
    }
    const [lowest] = above;
    const { shardRoot } = await readShardState(tx);
    return {
      number,
      leaves: bottom.flatMap((_, i) => leavesOf(pageAt(leaves, i))),
      root: lowest === undefined ? 0n : nodeIn(lowest, 0, number),
      siblings: above.flatMap((page) => siblingsIn(page, number)),
      shardRoot: elementFromBytes(shardRoot),
    };
  }, 'read');
}

function leavesOf(page: Uint8Array): bigint[] {
  return elementsFromBytes(page.subarray(0, PAGE_WIDTH * ELEMENT_BYTES));
}

/** The page of a tier that the path from a node upwards crosses. */
function pageOf(tier: number, level: number, index: number): number {
  return Math.floor(index / 2 ** ((tier + 1) * PAGE_LEVELS - level));
}

/** The siblings of the subtree's path inside one page. */
function siblingsIn(page: TierPages, subtree: number): bigint[] {
  return Array.from({ length: PAGE_LEVELS }, (_, local) => {
    const level = page.tier * PAGE_LEVELS + local;
    const index = Math.floor(subtree / 2 ** (level - SUBTREE_LEVELS));
    return nodeIn(page, local, index % 2 === 0 ? index + 1 : index - 1);
  });
}

function nodeIn(page: TierPages, local: number, index: number): bigint {
  const width = PAGE_WIDTH / 2 ** local;
  const offset = levelOffset(local) + (index % width) * ELEMENT_BYTES;
  return elementFromBytes(page.nodes.subarray(offset, offset + ELEMENT_BYTES));
}
