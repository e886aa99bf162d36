import { createHash } from 'node:crypto';
import { poseidon2 } from 'poseidon-lite';

const LEVELS = 12;

/** The first 31 bytes of SHA-256("assent/empty-leaf"), big-endian. */
export const EMPTY_LEAF = BigInt(
  `0x${createHash('sha256').update('assent/empty-leaf').digest('hex').slice(0, 62)}`,
);

/** The network root by another implementation of Poseidon than the contract's, from the slots that are in use. */
export function topRootOf(slots: ReadonlyMap<number, bigint>): bigint {
  let level = new Map(slots);
  let empty = EMPTY_LEAF;
  for (let i = 0; i < LEVELS; i++) {
    const parents = new Map<number, bigint>();
    for (const index of level.keys()) {
      const parent = index >> 1;
      const left = level.get(parent * 2) ?? empty;
      parents.set(parent, poseidon2([left, level.get(parent * 2 + 1) ?? empty]));
    }
    level = parents;
    empty = poseidon2([empty, empty]);
  }
  return level.get(0) ?? empty;
}

/** Where a slot's path leads to. */
export function climb(slot: number, value: bigint, siblings: readonly bigint[]): bigint {
  return siblings.reduce(
    (node, sibling, i) =>
      ((slot >> i) & 1) === 0 ? poseidon2([node, sibling]) : poseidon2([sibling, node]),
    value,
  );
}

export function slotValue(shardRoot: bigint, issuerLeaf: bigint): bigint {
  return poseidon2([shardRoot, issuerLeaf]);
}
