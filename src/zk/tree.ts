import { DomainError, invariant } from '../core/errors.js';
import { EMPTY_LEAF } from './leaf.js';
import { poseidon } from './poseidon/poseidon.js';

/** A shard holds 2^20 leaves. */
export const SHARD_LEVELS = 20;
/** The top holds 2^12 slots; the contract hashes it. */
export const TOP_LEVELS = 12;

/** From a leaf of the register to the network root: 20 + 1 + 12 siblings. */
export interface RegisterPath {
  /** From the leaf upwards, SHARD_LEVELS of them. */
  readonly shardSiblings: readonly bigint[];
  /** The leaf's place in its shard, from 0. */
  readonly index: number;
  /** The leaf's 21st sibling: its shard's slot is Poseidon(shardRoot, issuerLeaf). */
  readonly issuerLeaf: bigint;
  /** From the slot upwards, TOP_LEVELS of them. */
  readonly topSiblings: readonly bigint[];
  /** The shard's slot in the top, from 0. */
  readonly slot: number;
}

/** A register path of a consent leaf: the same as of any other leaf. */
export type ConsentPath = RegisterPath;

/**
 * The hash of an empty subtree of each height.
 *
 * @returns levels + 1 values; [0] is EMPTY_LEAF, [levels] the root of an empty tree.
 */
export function emptyHashes(levels: number): readonly bigint[] {
  const hashes = [EMPTY_LEAF];
  for (let level = 0; level < levels; level += 1) {
    const below = at(hashes, level);
    hashes.push(poseidon([below, below]));
  }
  return hashes;
}

/**
 * The root above a leaf. Bit i of the index, from the lowest, says whether step i comes from the right.
 *
 * @throws BAD_INPUT if the index does not lie in the tree that the siblings speak of.
 */
export function rootFromPath(leaf: bigint, siblings: readonly bigint[], index: number): bigint {
  requireIndex(index, siblings.length);
  return siblings.reduce(
    (node, sibling, level) =>
      Math.floor(index / 2 ** level) % 2 === 0
        ? poseidon([node, sibling])
        : poseidon([sibling, node]),
    leaf,
  );
}

/** What the top keeps of a shard: its root, hashed with the issuer leaf that governance set. */
export function slotValueOf(shardRoot: bigint, issuerLeaf: bigint): bigint {
  return poseidon([shardRoot, issuerLeaf]);
}

/**
 * The network root that a leaf of the register is under.
 *
 * @throws BAD_INPUT for a path of another shape than 20 + 1 + 12.
 */
export function networkRootOf(leaf: bigint, path: RegisterPath): bigint {
  if (path.shardSiblings.length !== SHARD_LEVELS || path.topSiblings.length !== TOP_LEVELS) {
    throw new DomainError('BAD_INPUT', {
      shardSiblings: path.shardSiblings.length,
      topSiblings: path.topSiblings.length,
    });
  }
  const shardRoot = rootFromPath(leaf, path.shardSiblings, path.index);
  return rootFromPath(slotValueOf(shardRoot, path.issuerLeaf), path.topSiblings, path.slot);
}

/** A Merkle tree in memory that stores only what is not empty. */
export class SparseTree {
  readonly levels: number;
  readonly #empty: readonly bigint[];
  readonly #nodes: readonly Map<number, bigint>[];

  constructor(levels: number) {
    this.levels = levels;
    this.#empty = emptyHashes(levels);
    this.#nodes = this.#empty.map(() => new Map());
  }

  get root(): bigint {
    return this.node(this.levels, 0);
  }

  /** The node at a level (0 = leaves) and a position. */
  node(level: number, position: number): bigint {
    return at(this.#nodes, level).get(position) ?? at(this.#empty, level);
  }

  /** Puts a leaf in its place; EMPTY_LEAF frees the place. @throws BAD_INPUT */
  set(index: number, leaf: bigint): void {
    this.setAll([[index, leaf]]);
  }

  /** Puts many leaves, hashing each node above them once. @throws BAD_INPUT */
  setAll(leaves: Iterable<readonly [index: number, leaf: bigint]>): void {
    let touched = new Set<number>();
    for (const [index, leaf] of leaves) {
      requireIndex(index, this.levels);
      at(this.#nodes, 0).set(index, leaf);
      touched.add(index);
    }
    for (let level = 1; level <= this.levels; level += 1) {
      touched = new Set([...touched].map((position) => Math.floor(position / 2)));
      for (const position of touched) this.#hash(level, position);
    }
  }

  /** The siblings of a place, from the leaf upwards. @throws BAD_INPUT */
  path(index: number): readonly bigint[] {
    requireIndex(index, this.levels);
    return Array.from({ length: this.levels }, (_, level) => {
      const position = Math.floor(index / 2 ** level);
      return this.node(level, position % 2 === 0 ? position + 1 : position - 1);
    });
  }

  #hash(level: number, position: number): void {
    const left = this.node(level - 1, 2 * position);
    const right = this.node(level - 1, 2 * position + 1);
    at(this.#nodes, level).set(position, poseidon([left, right]));
  }
}

function requireIndex(index: number, levels: number): void {
  if (!Number.isSafeInteger(index) || index < 0 || index >= 2 ** levels) {
    throw new DomainError('BAD_INPUT', { index, levels });
  }
}

function at<T>(list: readonly T[], position: number): T {
  const value = list[position];
  invariant(value !== undefined, 'a level of the tree exists');
  return value;
}
