import { and, eq, inArray } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { presentation } from '../gate/table-presentation.js';
import { lockAgainstWriters } from '../register/context.js';
import { consent } from '../register/table-register.js';
import { chainHeads, toWithdrawal, type Withdrawal } from './chain.js';
import { type Feed, noteKnown, requireNotForked } from './feed.js';
import { appendRecent } from './recent.js';
import { appendEntries, endConsents, type FeedTip, takenAt, tipOf } from './store.js';
import { feedEntry } from './table-feed.js';

/** Secrets in one call at most. */
const MAXIMUM_SECRETS = 1_000;
/** Entries that this feed takes in a minute for handles that this node has never seen. */
const UNKNOWN_PER_MINUTE = 600;
const MINUTE_SECONDS = 60;

/**
 * Publishes withdrawal secrets in this institution's own feed. Any node takes any w, known handle
 * or not: the wallet that knows w need not say where its consents are. One already there is no
 * change, so that publishing again is safe.
 *
 * @param secrets - canonical decimals, as the wallet's w.
 * @returns the handles that are withdrawn now, in the order given.
 * @throws DomainError SECRET_MALFORMED, INPUT_TOO_LARGE, RATE_LIMITED; FEED_GAP while this node's
 * own feed is behind what it anchored: appending now would fork it; FEED_FORKED if it is forked, and
 * what is appended would not reach everybody.
 */
export async function publishWithdrawals(
  feed: Feed,
  secrets: readonly string[],
): Promise<readonly string[]> {
  const withdrawals = toWithdrawals(secrets);
  requireOwnWhole(feed);
  await publish(feed, withdrawals, requireRoom);
  return withdrawals.map(({ handle }) => handle);
}

function toWithdrawals(secrets: readonly string[]): readonly Withdrawal[] {
  if (secrets.length > MAXIMUM_SECRETS) {
    throw new DomainError('INPUT_TOO_LARGE', { secrets: secrets.length, maximum: MAXIMUM_SECRETS });
  }
  return [...new Set(secrets)].map(toWithdrawal);
}

/**
 * Publishes secrets that stand in another institution's feed already, however many: whoever was let
 * in there is not held up here.
 *
 * @throws DomainError FEED_GAP, FEED_FORKED as publishWithdrawals.
 */
export async function republish(feed: Feed, secrets: readonly string[]): Promise<void> {
  const withdrawals = [...new Set(secrets)].map(toWithdrawal);
  if (withdrawals.length === 0) return;
  requireOwnWhole(feed);
  await publish(feed, withdrawals, async () => undefined);
}

/**
 * Publishes withdrawal secrets in the same transaction as work that needs them gone: both, or
 * neither. The work runs first, and what it throws publishes nothing.
 *
 * @param work - may lock register_leaf; the lock on feed_entry is held already, so that everybody
 * takes the two in one order.
 * @throws DomainError what publishWithdrawals throws, and what the work does.
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
    return { result: done, appended: await appendWithdrawals(tx, feed, withdrawals, requireRoom) };
  });
  noteAppended(feed, appended);
  return result;
}

/**
 * Appends withdrawals that need no room in a transaction that holds the lock on feed_entry; once it is
 * committed, noteAppended takes them into memory.
 */
export function appendOwn(
  tx: SqlTransaction,
  feed: Feed,
  withdrawals: readonly Withdrawal[],
): Promise<Appended> {
  return appendWithdrawals(tx, feed, withdrawals, async () => undefined);
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

/** Withdrawals that this feed does not have, and where it ends before them. */
interface Addition {
  readonly fresh: readonly Withdrawal[];
  readonly before: FeedTip;
  readonly now: Seconds;
}

async function publish(
  feed: Feed,
  withdrawals: readonly Withdrawal[],
  requireAllowed: typeof requireRoom,
): Promise<void> {
  const appended = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    return appendWithdrawals(tx, feed, withdrawals, requireAllowed);
  });
  noteAppended(feed, appended);
}

/** Appends in a transaction that holds the lock on feed_entry; what comes of it is noted after it. */
async function appendWithdrawals(
  tx: SqlTransaction,
  feed: Feed,
  withdrawals: readonly Withdrawal[],
  requireAllowed: typeof requireRoom,
): Promise<Appended> {
  const now = feed.clock.nowSeconds();
  const fresh = await notPublished(tx, feed, withdrawals);
  const before = await tipOf(tx, feed.institution);
  await requireAllowed(tx, feed, { fresh, before, now });
  const tip = await append(tx, feed, { fresh, before, now });
  const handles = withdrawals.map(({ handle }) => handle);
  return { tip, after: before.seq, entries: fresh.map(({ w }) => w), handles };
}

/**
 * Whoever asks is sent on to another institution, whose feed everybody can follow.
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
  withdrawals: readonly Withdrawal[],
): Promise<Withdrawal[]> {
  const secrets = withdrawals.map(({ w }) => w);
  const same = and(eq(feedEntry.institution, feed.institution), inArray(feedEntry.w, secrets));
  const rows = await tx.select({ w: feedEntry.w }).from(feedEntry).where(same);
  const published = new Set(rows.map(({ w }) => w));
  return withdrawals.filter(({ w }) => !published.has(w));
}

/**
 * Every field element is some w, so strangers can append for ever: they are slowed down. A handle
 * that was registered or presented here is never refused, or flooding would hold up withdrawals.
 */
async function requireRoom(
  tx: SqlTransaction,
  feed: Feed,
  { fresh, before, now }: Addition,
): Promise<void> {
  // One entry tells, however long the feed is: if that one is old enough, all before it are.
  const telling = before.seq + fresh.length - UNKNOWN_PER_MINUTE;
  const at = telling > 0 ? await takenAt(tx, feed.institution, telling) : undefined;
  const isQuiet = at === undefined || at <= now - MINUTE_SECONDS;
  if (fresh.length <= UNKNOWN_PER_MINUTE && isQuiet) return;
  const handles = fresh.map(({ handle }) => handle);
  const seen = new Set<string>();
  for (const table of [consent, presentation]) {
    const rows = await tx
      .select({ handle: table.handle })
      .from(table)
      .where(inArray(table.handle, handles));
    for (const { handle } of rows) seen.add(handle);
  }
  if (handles.some((handle) => !seen.has(handle))) {
    throw new DomainError('RATE_LIMITED', { maximumPerMinute: UNKNOWN_PER_MINUTE });
  }
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
  const entries = fresh.map((withdrawal, i) => ({ ...withdrawal, head: heads[i] ?? before.head }));
  await appendEntries(tx, { institution, seq: before.seq, now }, entries);
  await endConsents(
    tx,
    fresh.map(({ handle }) => handle),
    now,
  );
  return { seq: before.seq + fresh.length, head: heads.at(-1) ?? before.head };
}
