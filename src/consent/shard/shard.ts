import { DomainError, invariant } from '../../core/errors.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { randomField } from '../../zk/arithmetic/field.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { lockAgainstWriters, readOneState } from '../base/context.js';
import { areEqualBytes, elementFromBytes, elementToBytes } from '../base/element.js';
import { type LeafKind, registerLeaf } from '../tables/table-register.js';
import { hashUpwards, type LevelChange, touchedPages } from './change.js';
import { insertLeaves, lastIndex, readPending, settleOverwritten } from './leaf-store.js';
import { TIERS, type TierPages } from './page.js';
import {
  readPages,
  readShardState,
  type ShardState,
  writePages,
  writeShardState,
} from './page-store.js';

/** The place of the pad leaf, which each anchor sets to fresh random bytes. */
export const PAD_INDEX = 0;

/**
 * Leaves taken into one anchor; the rest waits for the next. New ones take one hash each, overwritten
 * ones all over the shard five: at 25,000 a second 1.3 s, and 6.6 s at worst.
 */
const LEAVES_PER_ANCHOR = 32_768;

/** A shard root that is computed but not yet anchored. Nothing of it is stored or served. */
export interface PreparedAnchor {
  readonly shardRoot: bigint;
  /** How many leaves change, the pad not counted. */
  readonly leaves: number;
  /** Makes this the shard that is served. Only once the ledger confirmed this shard root. */
  commit(): Promise<void>;
}

/**
 * Appends a leaf to this institution's shard; it is under a root from the next anchor on. Places are
 * never used twice: a path kept by a wallet must not come to mean another leaf.
 *
 * @returns its index, from 1.
 * @throws DomainError SHARD_FULL
 */
export async function appendLeaf(
  tx: SqlTransaction,
  leaf: bigint,
  kind: LeafKind,
): Promise<number> {
  return appendLeaves(tx, [leaf], kind);
}

/**
 * Appends leaves of one kind side by side, all or none.
 *
 * @returns the index of the first, from 1.
 * @throws DomainError SHARD_FULL
 */
export async function appendLeaves(
  tx: SqlTransaction,
  leaves: readonly bigint[],
  kind: LeafKind,
): Promise<number> {
  await lockAgainstWriters(tx, registerLeaf);
  const first = (await lastIndex(tx)) + 1;
  if (first + leaves.length > 2 ** SHARD_LEVELS) {
    throw new DomainError('SHARD_FULL', { leaves: first + leaves.length - 1 });
  }
  await insertLeaves(tx, first, leaves, kind);
  return first;
}

/**
 * Computes the shard with its pending leaves and a fresh pad leaf. No transaction stays open while
 * the ledger is asked, and a crash before `commit` leaves every pending leaf pending: the next
 * anchor takes it again.
 *
 * @param leavesAtMost - how many leaves this anchor may take.
 */
export async function prepareAnchor(
  db: Database,
  leavesAtMost = LEAVES_PER_ANCHOR,
): Promise<PreparedAnchor> {
  const pad = elementToBytes(randomField());
  const { base, pending, pages } = await db.transaction(async (tx) => {
    await readOneState(tx);
    const base = await readShardState(tx);
    const pending = await readPending(tx, base.leaves, leavesAtMost);
    const touched = touchedPages([PAD_INDEX, ...pending.indexes], TIERS);
    const pages: TierPages[] = [];
    for (const [tier, numbers] of touched.entries()) pages.push(await readPages(tx, tier, numbers));
    return { base, pending, pages };
  }, 'read');
  const leaves: LevelChange = {
    indexes: [PAD_INDEX, ...pending.indexes],
    hashes: Buffer.concat([pad, pending.hashes]),
  };
  const { hashes: shardRoot } = await hashUpwards(leaves, pages);
  const { overwritten, leavesAfter } = pending;
  const state: ShardState = { leaves: leavesAfter, pad, shardRoot };
  return {
    shardRoot: elementFromBytes(shardRoot),
    leaves: pending.indexes.length,
    commit: () => commitAnchor(db, { base, state, pages, overwritten }),
  };
}

interface AnchorChange {
  /** The shard that the pages were computed over. */
  readonly base: ShardState;
  readonly state: ShardState;
  readonly pages: readonly TierPages[];
  readonly overwritten: LevelChange;
}

async function commitAnchor(db: Database, change: AnchorChange): Promise<void> {
  const { base, state, pages, overwritten } = change;
  await db.transaction(async (tx) => {
    await lockAgainstWriters(tx, registerLeaf);
    const { shardRoot } = await readShardState(tx);
    const isBase = areEqualBytes(shardRoot, base.shardRoot);
    invariant(isBase, 'one anchor is prepared and committed at a time');
    for (const tier of pages) await writePages(tx, tier);
    await settleOverwritten(tx, overwritten);
    await writeShardState(tx, state);
  });
}
