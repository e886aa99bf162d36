import { sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { ELEMENT_BYTES, elementFromBytes } from '../base/element.js';
import { registerLeaf } from '../tables/table-register.js';
import { leavesOfPages, leavesOfRows } from './leaf-sources.js';
import { restoreLeaves } from './leaf-store.js';
import { readShardState, type ShardState, writePages, writeShardState } from './page-store.js';
import { BLOCK_LEAVES, type LeafSource, type Rebuilt, rebuildShard } from './rebuild.js';

/** Which copy of the leaves hashed to a root that was anchored. */
export type TrustedCopy = 'ROWS' | 'PAGES';

export interface ShardRepair {
  readonly trusted: TrustedCopy;
  /** The root that is served now. */
  readonly shardRoot: bigint;
  /** Nodes that were stored otherwise. */
  readonly mendedNodes: number;
  readonly removedPages: number;
}

/**
 * Rebuilds every page from the leaves. Each anchored leaf is stored twice, in its row and in the
 * lowest page: the rows are used if they hash to an anchored root, otherwise the pages. If neither
 * does, nothing is changed: serving such a tree would claim a root that was never anchored.
 *
 * Registrations wait meanwhile, half a minute for a full shard.
 *
 * @param ledgerRoot - the shard root on the ledger; undefined if it cannot be asked. Then, and while
 * the ledger is an anchor ahead, the root that this database recorded at its last anchor counts.
 * @throws DomainError REGISTER_INCONSISTENT if no copy of the leaves hashes to such a root.
 */
export async function repairShard(
  db: Database,
  ledgerRoot: bigint | undefined,
): Promise<ShardRepair> {
  return db.transaction(async (tx) => {
    await lockAgainstWriters(tx, registerLeaf);
    const state = await readShardState(tx);
    const isAnchored = (root: bigint) =>
      root === ledgerRoot || root === elementFromBytes(state.shardRoot);
    const copies = [
      ['ROWS', leavesOfRows(tx, state)],
      ['PAGES', leavesOfPages(tx)],
    ] as const;
    for (const [trusted, source] of copies) {
      const rebuilt = await rebuildShard(tx, state.leaves + 1, source);
      if (rebuilt.shardRoot === undefined) continue;
      const shardRoot = elementFromBytes(rebuilt.shardRoot);
      if (!isAnchored(shardRoot)) continue;
      const pad = trusted === 'ROWS' ? state.pad : await restoreRows(tx, state, source);
      await writeRebuilt(tx, rebuilt);
      await writeShardState(tx, { ...state, pad, shardRoot: rebuilt.shardRoot });
      const { wrongNodes: mendedNodes, strayPages } = rebuilt;
      return { trusted, shardRoot, mendedNodes, removedPages: strayPages.length };
    }
    throw new DomainError('REGISTER_INCONSISTENT', { leaves: state.leaves, check: 'anchored' });
  });
}

/** Writes the leaves of the pages back into their rows. @returns the pad leaf. */
async function restoreRows(
  tx: SqlTransaction,
  { leaves, pad }: ShardState,
  source: LeafSource,
): Promise<Uint8Array> {
  let padOfPages = pad;
  for (let from = 0; from <= leaves; from += BLOCK_LEAVES) {
    const { indexes, hashes } = await source({
      from,
      until: Math.min(from + BLOCK_LEAVES, leaves + 1),
    });
    if (from === 0) padOfPages = Uint8Array.from(hashes.subarray(0, ELEMENT_BYTES));
    const skipped = from === 0 ? 1 : 0;
    await restoreLeaves(tx, {
      indexes: indexes.slice(skipped),
      hashes: hashes.subarray(skipped * ELEMENT_BYTES),
    });
  }
  return padOfPages;
}

async function writeRebuilt(tx: SqlTransaction, rebuilt: Rebuilt): Promise<void> {
  for (const pages of rebuilt.wrongPages) await writePages(tx, pages);
  for (const { tier, number } of rebuilt.strayPages) {
    await tx.execute(sql`DELETE FROM register_page WHERE tier = ${tier} AND number = ${number}`);
  }
}
