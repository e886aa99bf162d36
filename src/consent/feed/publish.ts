import { and, eq, inArray } from 'drizzle-orm';
import { codeOf, DomainError } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { takePendingTombstones } from '../erasure/tombstone.js';
import { feedEntry } from '../tables/table-feed.js';
import {
  chainHeads,
  type Entry,
  handlesOf,
  toEntry,
  toWithdrawal,
  type Withdrawal,
} from './chain.js';
import { type Feed, knownFeedOf, noteKnown, requireNotForked } from './feed.js';
import { requireReached } from './reached.js';
import { appendRecent } from './recent-entries.js';
import { appendEntries, endConsents, type FeedTip, tipOf } from './store.js';

/** Secrets that one consent may replace at most. */
const MAX_SECRETS = 1_000;

/**
 * Publishes withdrawal secrets in this institution's own feed, for ever: those of consents that are
 * known to be registered, or that stand in another institution's feed already. What anybody sends is
 * judged by takeWithdrawals first. One already there is no change, so that publishing again is safe.
 *
 * @param secrets - canonical decimals, as the wallet's w.
 * @returns the handles that are withdrawn now, in the order given.
 * @throws DomainError SECRET_MALFORMED; FEED_GAP while this node's own feed is behind what it
 * anchored: appending now would fork it; FEED_FORKED if it is forked, and what is appended would not
 * reach everybody.
 */
export async function publishWithdrawals(
  feed: Feed,
  secrets: readonly string[],
): Promise<readonly string[]> {
  const withdrawals = [...new Set(secrets)].map(toWithdrawal);
  if (withdrawals.length === 0) return [];
  requireOwnWhole(feed);
  const appended = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    return appendOwn(tx, feed, withdrawals);
  });
  noteAppended(feed, appended);
  return appended.handles;
}

/**
 * Publishes the tombstones of what was erased here since the last interval, in no order that says
 * which came first. Together, once an interval, because a single one next to a withdrawal would
 * reveal whose it is. While this node may not append to its feed, they wait.
 */
export async function publishTombstones(feed: Feed): Promise<void> {
  if (!mayAppend(feed)) return;
  const appended = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const erased = await takePendingTombstones(tx);
    return erased.length === 0 ? undefined : appendOwn(tx, feed, erased.map(toEntry));
  });
  if (appended !== undefined) noteAppended(feed, appended);
}

function mayAppend(feed: Feed): boolean {
  try {
    requireOwnWhole(feed);
    return true;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== 'FEED_GAP' && code !== 'FEED_FORKED') throw thrown;
    return false;
  }
}

function toWithdrawals(secrets: readonly string[]): readonly Withdrawal[] {
  if (secrets.length > MAX_SECRETS) {
    throw new DomainError('INPUT_TOO_LARGE', { secrets: secrets.length, maximum: MAX_SECRETS });
  }
  return [...new Set(secrets)].map(toWithdrawal);
}

/**
 * Publishes withdrawal secrets in the same transaction as work that needs them gone: both, or
 * neither. The work runs first, and what it throws publishes nothing.
 *
 * @param work - may lock register_leaf; the lock on feed_entry is held already, so that everybody
 * takes the two in one order.
 * @throws DomainError INPUT_TOO_LARGE, what publishWithdrawals throws, and what the work does.
 */
export async function publishWith<Result>(
  feed: Feed,
  secrets: readonly string[],
  work: (tx: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const withdrawals = toWithdrawals(secrets);
  requireOwnWhole(feed);
  const { result, appended } = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const done = await work(tx);
    return { result: done, appended: await appendOwn(tx, feed, withdrawals) };
  });
  noteAppended(feed, appended);
  return result;
}

/**
 * Appends withdrawals in a transaction that holds the lock on feed_entry; once it is committed,
 * noteAppended takes them into memory.
 *
 * @throws DomainError RESTORED_OLD if the database lost entries: these would be a second history.
 */
export async function appendOwn(
  tx: SqlTransaction,
  feed: Feed,
  entries: readonly Entry[],
): Promise<Appended> {
  const now = feed.clock.nowSeconds();
  const known = knownFeedOf(feed, feed.institution);
  const before = await tipOf(tx, feed.institution);
  requireReached(feed, before, known);
  const fresh = await notPublished(tx, feed, entries);
  const tip = await append(tx, feed, { fresh, before, now });
  const handles = handlesOf(entries);
  return { tip, after: before.seq, entries: fresh.map(({ w }) => w), handles };
}

/** Memory follows what was committed, never what may still be rolled back. */
export function noteAppended(feed: Feed, { tip, after, entries, handles }: Appended): void {
  feed.recent = appendRecent(feed.recent, { after, entries });
  noteKnown(feed, feed.institution, { ...tip, signer: undefined });
  if (handles.length > 0) feed.onWithdrawn?.(handles);
}

/** What a transaction put behind the feed's entry `after`. */
export interface Appended {
  readonly tip: FeedTip;
  readonly after: number;
  readonly entries: readonly string[];
  /** Of all that was to be withdrawn, new or not. */
  readonly handles: readonly string[];
}

/** Entries that this feed does not have, and where it ends before them. */
interface Addition {
  readonly fresh: readonly Entry[];
  readonly before: FeedTip;
  readonly now: Seconds;
}

/**
 * The refusal sends the caller to another institution, whose feed everybody can follow.
 *
 * @throws DomainError FEED_GAP, FEED_FORKED
 */
export function requireOwnWhole(feed: Feed): void {
  const own = feed.ledger().institutions.find(({ id }) => id === feed.institution);
  if (own === undefined) return;
  requireNotForked(feed, own);
  if (!feed.completeness.isComplete(own)) {
    throw new DomainError('FEED_GAP', { institution: feed.institution });
  }
}

async function notPublished(
  tx: SqlTransaction,
  feed: Feed,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const secrets = entries.map(({ w }) => w);
  const same = and(eq(feedEntry.institution, feed.institution), inArray(feedEntry.w, secrets));
  const rows = await tx.select({ w: feedEntry.w }).from(feedEntry).where(same);
  const published = new Set(rows.map(({ w }) => w));
  return entries.filter(({ w }) => !published.has(w));
}

async function append(
  tx: SqlTransaction,
  { institution }: Feed,
  { fresh, before, now }: Addition,
): Promise<FeedTip> {
  const heads = chainHeads(
    before.head,
    fresh.map(({ w }) => w),
  );
  const entries = fresh.map((entry, i) => ({ ...entry, head: heads[i] ?? before.head }));
  await appendEntries(tx, { institution, seq: before.seq, now }, entries);
  await endConsents(tx, handlesOf(fresh), now);
  return { seq: before.seq + fresh.length, head: heads.at(-1) ?? before.head };
}
