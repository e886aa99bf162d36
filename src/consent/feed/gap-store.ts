import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { Bytes32 } from '../base/digest.js';
import { feedGapAccepted, feedRepublished } from '../tables/table-feed.js';

/** A digest that nobody can open, of an institution that was suspended. */
export interface AcceptedGap {
  readonly id: InstitutionId;
  readonly digest: Bytes32;
}

/** The gaps that this node's operator decided to go on with. */
export async function acceptedGaps(tx: SqlTransaction): Promise<readonly AcceptedGap[]> {
  const { institution: id, digest } = feedGapAccepted;
  return tx.select({ id, digest }).from(feedGapAccepted);
}

/** For an operator's command alone: from the next start on, this digest counts as reached here. */
export async function acceptGap(
  tx: SqlTransaction,
  { id: institution, digest }: AcceptedGap,
  at: Seconds,
): Promise<void> {
  await tx.insert(feedGapAccepted).values({ institution, digest, at }).onConflictDoNothing();
}

/** Up to which entry the feed of each suspended institution was published again here. */
export async function readRepublished(tx: SqlTransaction): Promise<Map<InstitutionId, number>> {
  const rows = await tx.select().from(feedRepublished);
  return new Map(rows.map(({ institution, seq }) => [institution, seq]));
}

export async function noteRepublished(
  tx: SqlTransaction,
  institution: InstitutionId,
  seq: number,
): Promise<void> {
  await tx
    .insert(feedRepublished)
    .values({ institution, seq })
    .onConflictDoUpdate({ target: feedRepublished.institution, set: { seq } });
}
