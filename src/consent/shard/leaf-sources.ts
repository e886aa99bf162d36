import type { SqlTransaction } from '../../store/database.js';
import { ELEMENT_BYTES, elementToBytes } from '../base/element.js';
import type { LevelChange } from './change.js';
import { readLeaves } from './leaf-store.js';
import { emptyHash, PAGE_WIDTH, pageAt } from './page.js';
import { readPages, type ShardState } from './page-store.js';
import type { LeafSource } from './rebuild.js';

const EMPTY = elementToBytes(emptyHash(0));

/** The leaves as their own rows have them; one whose row is lost counts as empty. */
export function leavesOfRows(tx: SqlTransaction, { pad }: ShardState): LeafSource {
  return async ({ from, until }) => {
    const rows = await readLeaves(tx, { from: Math.max(1, from), until });
    const filled = filledWithEmpty(from, until);
    for (const [i, index] of rows.indexes.entries()) {
      filled.hashes.set(elementAt(rows.hashes, i), (index - from) * ELEMENT_BYTES);
    }
    if (from === 0) filled.hashes.set(pad);
    return filled;
  };
}

/** The leaves as the lowest pages have them, the pad among them. */
export function leavesOfPages(tx: SqlTransaction): LeafSource {
  return async ({ from, until }) => {
    const first = Math.floor(from / PAGE_WIDTH);
    const count = Math.ceil(until / PAGE_WIDTH) - first;
    const pages = await readPages(
      tx,
      0,
      Array.from({ length: count }, (_, i) => first + i),
    );
    const leaves = Array.from({ length: count }, (_, i) =>
      pageAt(pages, i).subarray(0, PAGE_WIDTH * ELEMENT_BYTES),
    );
    const { indexes } = filledWithEmpty(from, until);
    const hashes = Buffer.concat(leaves).subarray(0, indexes.length * ELEMENT_BYTES);
    return { indexes, hashes };
  };
}

function filledWithEmpty(from: number, until: number): LevelChange {
  const indexes = Array.from({ length: until - from }, (_, i) => from + i);
  const hashes = new Uint8Array(indexes.length * ELEMENT_BYTES);
  for (let at = 0; at < hashes.length; at += ELEMENT_BYTES) hashes.set(EMPTY, at);
  return { indexes, hashes };
}

function elementAt(hashes: Uint8Array, position: number): Uint8Array {
  return hashes.subarray(position * ELEMENT_BYTES, (position + 1) * ELEMENT_BYTES);
}
