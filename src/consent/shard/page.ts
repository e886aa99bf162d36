import { invariant } from '../../core/errors.js';
import { emptyHashes, SHARD_LEVELS } from '../../zk/tree.js';
import { ELEMENT_BYTES, elementsToBytes } from '../base/element.js';

/**
 * Levels of the tree in one page. Five make pages of 1,984 bytes, just below the size from which
 * PostgreSQL compresses a row or moves it out of the table; the README has what others cost.
 */
export const PAGE_LEVELS = 5;
/** Storeys of pages from the leaves to the root. */
export const TIERS = SHARD_LEVELS / PAGE_LEVELS;
/** Nodes of a page's lowest level. */
export const PAGE_WIDTH = 2 ** PAGE_LEVELS;
/**
 * A page holds the levels below its own root, the lowest first; its root is in the page above, and
 * that of the uppermost page is the shard root.
 */
export const PAGE_BYTES = (2 * PAGE_WIDTH - 2) * ELEMENT_BYTES;

const EMPTY = emptyHashes(SHARD_LEVELS);

/** Pages of one tier, side by side. */
export interface TierPages {
  readonly tier: number;
  /** Ascending, each once. */
  readonly numbers: readonly number[];
  /** PAGE_BYTES for each of the numbers, in their order. */
  readonly nodes: Uint8Array;
}

/** The hash of an empty subtree of that height. */
export function emptyHash(level: number): bigint {
  const hash = EMPTY[level];
  invariant(hash !== undefined, 'a shard has 20 levels');
  return hash;
}

/** Where a level begins in a page, in bytes. @param local - 0 = the page's lowest level. */
export function levelOffset(local: number): number {
  return (2 * PAGE_WIDTH - 2 ** (PAGE_LEVELS + 1 - local)) * ELEMENT_BYTES;
}

const EMPTY_PAGES = Array.from({ length: TIERS }, (_, tier) =>
  elementsToBytes(
    Array.from({ length: PAGE_LEVELS }, (_, local) =>
      Array<bigint>(PAGE_WIDTH / 2 ** local).fill(emptyHash(tier * PAGE_LEVELS + local)),
    ).flat(),
  ),
);

/** What a page without leaves below it holds. Never written to. */
function emptyPage(tier: number): Uint8Array {
  const page = EMPTY_PAGES[tier];
  invariant(page !== undefined, 'a shard has four tiers');
  return page;
}

/** These pages, all empty. */
export function emptyPages(tier: number, numbers: readonly number[]): TierPages {
  const nodes = new Uint8Array(numbers.length * PAGE_BYTES);
  for (let at = 0; at < nodes.length; at += PAGE_BYTES) nodes.set(emptyPage(tier), at);
  return { tier, numbers, nodes };
}

/** The page at that position of a tier's pages: a view, not a copy. */
export function pageAt({ nodes }: TierPages, position: number): Uint8Array {
  return nodes.subarray(position * PAGE_BYTES, (position + 1) * PAGE_BYTES);
}
