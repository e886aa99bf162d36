import { inArray } from 'drizzle-orm';
import type { Bytes32 } from '../../core/bytes32.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { consent, tombstonePending } from '../tables/table-register.js';
import { forgetConsents } from './forget.js';

/** Keeps the parameters of one statement below what the wire protocol counts. */
const TOMBSTONES_PER_STATEMENT = 4_096;

/** Lets the next interval publish the tombstones of consents that were erased here. */
export async function keepPendingTombstones(
  tx: SqlTransaction,
  tombstones: readonly Bytes32[],
): Promise<void> {
  if (tombstones.length === 0) return;
  const rows = tombstones.map((tombstone) => ({ tombstone }));
  await tx.insert(tombstonePending).values(rows).onConflictDoNothing();
}

/** Takes all that wait, in the order of their random values: not in that of their erasures. */
export async function takePendingTombstones(tx: SqlTransaction): Promise<readonly Bytes32[]> {
  const rows = await tx.delete(tombstonePending).returning();
  return rows.map(({ tombstone }) => tombstone).sort();
}

/**
 * Erases again what an old backup brought back: the consents that these tombstones stand for.
 *
 * @returns how many there were.
 */
export async function eraseTombstoned(
  tx: SqlTransaction,
  tombstones: readonly Bytes32[],
  now: Seconds,
): Promise<number> {
  let erased = 0;
  for (let start = 0; start < tombstones.length; start += TOMBSTONES_PER_STATEMENT) {
    const some = tombstones.slice(start, start + TOMBSTONES_PER_STATEMENT);
    erased += (await forgetConsents(tx, inArray(consent.tombstone, some), now)).length;
  }
  return erased;
}
