import { and, asc, count, eq, gt, inArray, lte } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { withdrawalHeld } from '../tables/table-held.js';
import type { Withdrawal } from './chain.js';

/** What one institution may have held here: beyond it, its oldest go. About 300 bytes each. */
const MAX_HELD = 100_000;

/**
 * Holds withdrawals until somebody who knows the handle publishes them. One that is held already
 * stays as it is: what is sent again does not last longer.
 */
export async function holdWithdrawals(
  tx: SqlTransaction,
  withdrawals: readonly Withdrawal[],
  held: {
    readonly origin: InstitutionId;
    readonly at: Seconds;
    readonly until: Seconds;
    readonly atMost?: number;
  },
): Promise<void> {
  if (withdrawals.length === 0) return;
  const { origin, at, until, atMost = MAX_HELD } = held;
  const rows = withdrawals.map(({ handle, w }) => ({ handle, w, origin, at, until, offerAt: at }));
  await tx.insert(withdrawalHeld).values(rows).onConflictDoNothing();
  const ofOrigin = eq(withdrawalHeld.origin, origin);
  const [all] = await tx.select({ count: count() }).from(withdrawalHeld).where(ofOrigin);
  const beyond = (all?.count ?? 0) - atMost;
  if (beyond <= 0) return;
  const oldest = tx
    .select({ handle: withdrawalHeld.handle })
    .from(withdrawalHeld)
    .where(ofOrigin)
    .orderBy(asc(withdrawalHeld.at))
    .limit(beyond);
  await tx.delete(withdrawalHeld).where(inArray(withdrawalHeld.handle, oldest));
}

/** How many an institution has had held here since a moment. */
export async function heldSince(
  tx: SqlTransaction,
  origin: InstitutionId,
  since: Seconds,
): Promise<number> {
  const lately = and(eq(withdrawalHeld.origin, origin), gt(withdrawalHeld.at, since));
  const [row] = await tx.select({ count: count() }).from(withdrawalHeld).where(lately);
  return row?.count ?? 0;
}

/** Lets go of what expired, and of nothing else: what is published is let go of as it is published. */
export async function dropExpired(tx: SqlTransaction, now: Seconds): Promise<void> {
  await tx.delete(withdrawalHeld).where(lte(withdrawalHeld.until, now));
}

/** Own ones of which the other institutions are to be asked now, the longest waiting first. */
export async function heldToOffer(
  tx: SqlTransaction,
  origin: InstitutionId,
  { now, atMost }: { readonly now: Seconds; readonly atMost: number },
): Promise<{ handle: string; w: string }[]> {
  return tx
    .select({ handle: withdrawalHeld.handle, w: withdrawalHeld.w })
    .from(withdrawalHeld)
    .where(and(eq(withdrawalHeld.origin, origin), lte(withdrawalHeld.offerAt, now)))
    .orderBy(asc(withdrawalHeld.offerAt))
    .limit(atMost);
}

export async function noteOffered(
  tx: SqlTransaction,
  handles: readonly string[],
  offerAt: Seconds,
): Promise<void> {
  await tx
    .update(withdrawalHeld)
    .set({ offerAt })
    .where(inArray(withdrawalHeld.handle, [...handles]));
}
