import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import type { InstitutionId } from '../core/ids.js';
import type { Seconds } from '../core/time.js';
import type { SqlTransaction } from '../store/database.js';
import { EMPTY_LEAF } from '../zk/leaf.js';
import { type Bytes32, ZERO_HEAD } from './digest.js';
import { feedEntry } from './table-feed.js';
import { consent, registerLeaf } from './table-register.js';

/** How far this node's copy of a feed reaches. */
export interface FeedTip {
  /** 0 for a feed without entries. */
  readonly seq: number;
  readonly head: Bytes32;
}

/** Which of these handles (canonical decimals) any institution's feed has withdrawn. */
export async function isWithdrawn(
  tx: SqlTransaction,
  handles: readonly string[],
): Promise<Set<string>> {
  if (handles.length === 0) return new Set();
  const rows = await tx
    .selectDistinct({ handle: feedEntry.handle })
    .from(feedEntry)
    .where(inArray(feedEntry.handle, [...handles]));
  return new Set(rows.map(({ handle }) => handle));
}

/** The last entry known of an institution's feed. */
export async function tipOf(tx: SqlTransaction, institution: InstitutionId): Promise<FeedTip> {
  const [last] = await tx
    .select({ seq: feedEntry.seq, head: feedEntry.head })
    .from(feedEntry)
    .where(eq(feedEntry.institution, institution))
    .orderBy(desc(feedEntry.seq))
    .limit(1);
  return last ?? { seq: 0, head: ZERO_HEAD };
}

/** Ends the consents registered here under these handles; their leaves go with the next anchor. */
export async function endConsents(
  tx: SqlTransaction,
  handles: readonly string[],
  now: Seconds,
): Promise<void> {
  if (handles.length === 0) return;
  const ended = await tx
    .update(consent)
    .set({ withdrawnAt: now })
    .where(and(inArray(consent.handle, [...handles]), isNull(consent.withdrawnAt)))
    .returning({ index: consent.index });
  if (ended.length === 0) return;
  await tx
    .update(registerLeaf)
    .set({ leaf: String(EMPTY_LEAF), pending: true })
    .where(
      inArray(
        registerLeaf.index,
        ended.map(({ index }) => index),
      ),
    );
}
