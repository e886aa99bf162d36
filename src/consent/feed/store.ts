import { and, asc, desc, eq, gt, inArray, isNull, lte } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { EMPTY_LEAF } from '../../zk/leaf.js';
import { lockAgainstWriters } from '../base/context.js';
import { type Bytes32, ZERO_HEAD } from '../base/digest.js';
import { overwriteLeaves } from '../shard/leaf-store.js';
import { feedEntry, feedHead } from '../tables/table-feed.js';
import { withdrawalHeld } from '../tables/table-held.js';
import { consent, registerLeaf } from '../tables/table-register.js';
import { type Entry, handlesOf } from './chain.js';

/** How far this node's copy of a feed reaches. */
export interface FeedTip {
  /** 0 for a feed without entries. */
  readonly seq: number;
  readonly head: Bytes32;
}

const EMPTY_TIP: FeedTip = { seq: 0, head: ZERO_HEAD };
/** Keeps one INSERT below the 65,535 parameters that the wire protocol counts. */
const ROWS_PER_INSERT = 4_096;

/** Which of these handles (canonical decimals) are withdrawn: published in any feed, or held here. */
export async function isWithdrawn(
  tx: SqlTransaction,
  handles: readonly string[],
): Promise<Set<string>> {
  const withdrawn = await isPublished(tx, handles);
  if (handles.length === 0) return withdrawn;
  const held = await tx
    .select({ handle: withdrawalHeld.handle })
    .from(withdrawalHeld)
    .where(inArray(withdrawalHeld.handle, [...handles]));
  for (const { handle } of held) withdrawn.add(handle);
  return withdrawn;
}

/** Which of these handles stand in any institution's feed. */
export async function isPublished(
  tx: SqlTransaction,
  handles: readonly string[],
): Promise<Set<string>> {
  if (handles.length === 0) return new Set();
  const rows = await tx
    .selectDistinct({ handle: feedEntry.handle })
    .from(feedEntry)
    .where(inArray(feedEntry.handle, [...handles]));
  return new Set(rows.flatMap(({ handle }) => handle ?? []));
}

/** The last entry known of an institution's feed. */
export async function tipOf(tx: SqlTransaction, institution: InstitutionId): Promise<FeedTip> {
  const [last] = await tx
    .select({ seq: feedEntry.seq, head: feedEntry.head })
    .from(feedEntry)
    .where(eq(feedEntry.institution, institution))
    .orderBy(desc(feedEntry.seq))
    .limit(1);
  return last ?? EMPTY_TIP;
}

/** The head at one entry of a feed; undefined if this node does not reach so far. */
export async function headAt(
  tx: SqlTransaction,
  institution: InstitutionId,
  seq: number,
): Promise<Bytes32 | undefined> {
  if (seq === 0) return ZERO_HEAD;
  const at = and(eq(feedEntry.institution, institution), eq(feedEntry.seq, seq));
  const [row] = await tx.select({ head: feedEntry.head }).from(feedEntry).where(at);
  return row?.head;
}

/** Which entry of an institution's feed has this head; undefined if this node knows none. */
export async function seqOfHead(
  tx: SqlTransaction,
  institution: InstitutionId,
  head: Bytes32,
): Promise<number | undefined> {
  if (head === ZERO_HEAD) return 0;
  const at = and(eq(feedEntry.institution, institution), eq(feedEntry.head, head));
  const [row] = await tx.select({ seq: feedEntry.seq }).from(feedEntry).where(at);
  return row?.seq;
}

/** The entries of a feed after one and up to another, in order. */
export async function entriesBetween(
  tx: SqlTransaction,
  institution: InstitutionId,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<{ w: string; head: Bytes32; at: Seconds }[]> {
  const between = and(gt(feedEntry.seq, after), lte(feedEntry.seq, until));
  return tx
    .select({ w: feedEntry.w, head: feedEntry.head, at: feedEntry.at })
    .from(feedEntry)
    .where(and(eq(feedEntry.institution, institution), between))
    .orderBy(asc(feedEntry.seq));
}

/**
 * Appends entries with their heads behind `seq`. The caller holds the lock on feed_entry.
 *
 * This is where a withdrawal ends what was presented: the trigger feed_entry_changed
 * (src/store/triggers.sql) makes the gate read its presentations again.
 *
 * @see stillStandsInDatabase in ../gate/gate-checks.ts
 */
export async function appendEntries(
  tx: SqlTransaction,
  feed: { readonly institution: InstitutionId; readonly seq: number; readonly now: Seconds },
  entries: readonly (Entry & { readonly head: Bytes32 })[],
): Promise<void> {
  const { institution, now } = feed;
  const rows = entries.map((entry, i) => ({
    institution,
    seq: feed.seq + 1 + i,
    at: now,
    ...entry,
  }));
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT);
    await tx.insert(feedEntry).values(some);
    // What a feed has need not be held any more.
    const handles = handlesOf(some);
    if (handles.length === 0) continue;
    await tx.delete(withdrawalHeld).where(inArray(withdrawalHeld.handle, handles));
  }
}

/** The newest signed head of a copy: what it can be relayed up to. */
export async function signedTipOf(
  tx: SqlTransaction,
  institution: InstitutionId,
): Promise<typeof feedHead.$inferSelect | undefined> {
  const [row] = await tx
    .select()
    .from(feedHead)
    .where(eq(feedHead.institution, institution))
    .orderBy(desc(feedHead.seq))
    .limit(1);
  return row;
}

/**
 * Ends the consents registered here under these handles; their leaves go with the next anchor.
 *
 * Registering holds the same lock while it looks for the handle, so that neither misses the other.
 */
export async function endConsents(
  tx: SqlTransaction,
  handles: readonly string[],
  now: Seconds,
): Promise<void> {
  if (handles.length === 0) return;
  await lockAgainstWriters(tx, registerLeaf);
  const ended = await tx
    .update(consent)
    .set({ withdrawnAt: now })
    .where(and(inArray(consent.handle, [...handles]), isNull(consent.withdrawnAt)))
    .returning({ index: consent.index });
  if (ended.length === 0) return;
  const indexes = ended.map(({ index }) => index);
  await overwriteLeaves(tx, indexes, EMPTY_LEAF);
}
