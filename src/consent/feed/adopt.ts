import { and, eq, gt } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { digestOf } from '../base/digest.js';
import { feedEntry, feedHead } from '../tables/table-feed.js';
import { chainHeads, handlesOf, isTombstone, toEntry, toWithdrawal } from './chain.js';
import type { Feed } from './feed.js';
import { appendOwn, noteAppended, requireOwnWhole } from './publish.js';
import { type FeedSegment, segmentRefused } from './segment.js';
import { appendEntries, endConsents, entriesBetween, headAt, tipOf } from './store.js';

/**
 * Takes the history that an institution has on the ledger in the place of another that it told this
 * node. All nodes then hold the same one, so that who told two stops nobody. What only the other one
 * told is withdrawn all the same: it moves to this node's own feed, in the same transaction.
 *
 * @returns false if the ledger vouches for nothing that this node does not hold.
 * @throws DomainError SOURCE_FAILED {check: head} if the segment begins where the histories differ
 * already; what requireOwnWhole throws.
 */
export async function adoptAnchored(
  feed: Feed,
  { id, lastAnchor }: LedgerInstitution,
  segment: FeedSegment,
): Promise<boolean> {
  const opened = segment.digests.find((preimage) => digestOf(preimage) === lastAnchor?.digest);
  const isNews = opened !== undefined && !feed.completeness.covers(id, digestOf(opened));
  if (!isNews || id === feed.institution) return false;
  requireOwnWhole(feed);
  const { after } = segment;
  const adopted = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const base = await headAt(tx, id, after);
    const heads = base === undefined ? [] : [base, ...chainHeads(base, segment.entries)];
    const length = heads.indexOf(opened.feedHead);
    if (length < 0) throw segmentRefused(id, 'head');
    const anchored = segment.entries.slice(0, length);
    const untold = await onlyHere(tx, id, { after, told: anchored });
    const appended = await appendOwn(tx, feed, untold);
    await replaceAfter(tx, feed, { id, after, entries: anchored, heads: heads.slice(1) });
    return { appended, tip: { seq: after + length, head: opened.feedHead } };
  });
  feed.known.set(id, { ...adopted.tip, signer: undefined });
  noteAppended(feed, adopted.appended);
  return true;
}

/** What this node's copy has after an entry and the other history has not. */
async function onlyHere(
  tx: SqlTransaction,
  id: InstitutionId,
  { after, told }: { readonly after: number; readonly told: readonly string[] },
) {
  const { seq } = await tipOf(tx, id);
  const known = new Set(told);
  const rows = await entriesBetween(tx, id, { after, until: seq });
  // A tombstone says nothing in another institution's feed.
  const withdrawn = rows.filter(({ w }) => !known.has(w) && !isTombstone(w));
  return withdrawn.map(({ w }) => toWithdrawal(w));
}

async function replaceAfter(
  tx: SqlTransaction,
  { clock }: Feed,
  history: {
    readonly id: InstitutionId;
    readonly after: number;
    readonly entries: readonly string[];
    readonly heads: readonly `0x${string}`[];
  },
): Promise<void> {
  const { id, after, entries, heads } = history;
  const now = clock.nowSeconds();
  await tx.delete(feedHead).where(and(eq(feedHead.institution, id), gt(feedHead.seq, after)));
  await tx.delete(feedEntry).where(and(eq(feedEntry.institution, id), gt(feedEntry.seq, after)));
  const rows = entries.flatMap((w, i) => {
    const head = heads[i];
    return head === undefined ? [] : [{ ...toEntry(w), head }];
  });
  await appendEntries(tx, { institution: id, seq: after, now }, rows);
  const handles = handlesOf(rows);
  await endConsents(tx, handles, now);
}
