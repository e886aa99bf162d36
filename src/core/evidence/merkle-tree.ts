import { sha256 } from '../sha256.js';

/** The leaves from `from` to before `until`: a subtree of a Merkle tree of some size. */
export interface LeafRange {
  readonly from: number;
  readonly until: number;
}

/** A full subtree: the 2^level leaves from index * 2^level on. It never changes once it is full. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** @source RFC 6962 section 2.1: without the first byte a node could be shown as a leaf. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length);
  bytes.set(entry, 1);
  return sha256(bytes);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** The Merkle tree hash of leaf hashes in order; of none it is SHA-256 of nothing. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  return leaves.length === 0 ? sha256(new Uint8Array()) : hashOver(leaves, 0, leaves.length);
}

function hashOver(leaves: readonly Uint8Array[], from: number, until: number): Uint8Array {
  const [first] = until - from > 1 ? [] : leaves.slice(from, until);
  if (first !== undefined) return first;
  const middle = from + splitOf(until - from);
  return nodeHash(hashOver(leaves, from, middle), hashOver(leaves, middle, until));
}

/**
 * The subtrees whose hashes prove that a leaf is in a tree, from the bottom up.
 *
 * @source RFC 6962 section 2.1.1, PATH
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const path: LeafRange[] = [];
  let [from, until] = [0, size];
  while (until - from > 1) {
    const middle = from + splitOf(until - from);
    if (index < middle) {
      path.push({ from: middle, until });
      until = middle;
    } else {
      path.push({ from, until: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/**
 * The subtrees whose hashes prove that a tree of `size` leaves begins with those of `first`.
 *
 * @param first - 1 to size.
 * @source RFC 6962 section 2.1.2, PROOF
 */
export function consistencyRanges(first: number, size: number): LeafRange[] {
  const path: LeafRange[] = [];
  let [from, until, isWhole] = [0, size, true];
  while (first < until) {
    const middle = from + splitOf(until - from);
    if (first <= middle) {
      path.push({ from: middle, until });
      until = middle;
    } else {
      path.push({ from, until: middle });
      from = middle;
      isWhole = false;
    }
  }
  // The caller knows the root of the whole tree of `first`, but not of a part of it.
  if (!isWhole) path.push({ from, until });
  return path.reverse();
}

/** The full subtrees that a subtree is made of, from left to right: at most one a level. */
export function fullNodesOf({ from, until }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = from; at < until; ) {
    const level = Math.floor(Math.log2(until - at));
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The hash of a subtree from those of its full subtrees, as fullNodesOf orders them. */
export function joinNodes(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

/**
 * The root that an inclusion path leads to.
 *
 * @returns undefined if the path has not the length that it has at this place in a tree of this size.
 * @source RFC 9162 section 2.1.3.2
 */
export function rootOfInclusion(
  leaf: Uint8Array,
  { index, size }: { readonly index: number; readonly size: number },
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0 || index >= size) return undefined;
  const walk = new Climb(index, size - 1);
  let root = leaf;
  for (const sibling of path) {
    if (walk.last === 0) return undefined;
    root = walk.isRight() ? nodeHash(sibling, root) : nodeHash(root, sibling);
    walk.climb();
  }
  return walk.last === 0 ? root : undefined;
}

/** A tree as it stood: how many leaves, and their hash. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether the second tree begins with all leaves of the first, in their order.
 *
 * @source RFC 9162 section 2.1.4.2
 */
export function isConsistent(
  first: TreeHead,
  second: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (first.size > second.size) return false;
  if (first.size === 0) return proof.length === 0;
  if (first.size === second.size) return proof.length === 0 && isSame(first.root, second.root);
  const isFull = Number.isInteger(Math.log2(first.size));
  const [seed, ...path] = isFull ? [first.root, ...proof] : proof;
  if (seed === undefined) return false;
  const walk = new Climb(first.size - 1, second.size - 1);
  walk.skipRights();
  let [older, newer] = [seed, seed];
  for (const node of path) {
    if (walk.last === 0) return false;
    if (walk.isRight()) {
      older = nodeHash(node, older);
      newer = nodeHash(node, newer);
    } else newer = nodeHash(newer, node);
    walk.climb();
  }
  return walk.last === 0 && isSame(older, first.root) && isSame(newer, second.root);
}

/** A place and the last place of a level, on the way up. Divided, as 2^31 leaves are no limit. */
class Climb {
  #at: number;
  last: number;

  constructor(at: number, last: number) {
    this.#at = at;
    this.last = last;
  }

  /** Whether the next node of the path stands to the left. */
  isRight(): boolean {
    return this.#at % 2 === 1 || this.#at === this.last;
  }

  /** To the level above; past those at which the last node stands alone. */
  climb(): void {
    if (this.#at === this.last) while (this.#at % 2 === 0 && this.#at !== 0) this.#up();
    this.#up();
  }

  skipRights(): void {
    while (this.#at % 2 === 1) this.#up();
  }

  #up(): void {
    this.#at = Math.floor(this.#at / 2);
    this.last = Math.floor(this.last / 2);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** The largest power of two below a number of leaves, which is at least 2. */
function splitOf(leaves: number): number {
  return 2 ** (Math.ceil(Math.log2(leaves)) - 1);
}
