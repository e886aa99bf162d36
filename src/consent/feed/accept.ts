import { setImmediate } from 'node:timers/promises';
import { lt } from 'drizzle-orm';
import { DomainError, invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../register/context.js';
import { chainHeads, toWithdrawal, type Withdrawal } from './chain.js';
import type { Bytes32 } from './digest.js';
import { coveredDigests, type Feed, knownFeedOf } from './feed.js';
import { endOf, type FeedSegment, parseSegment, segmentHash, segmentRefused } from './segment.js';
import { appendEntries, endConsents, headAt, tipOf } from './store.js';
import { feedEntry, feedHead } from './table-feed.js';

/** Handles hashed between two turns of the event loop. */
const HASHES_PER_TURN = 256;

/**
 * Takes a segment of an institution's feed into this node's copy. It may come from anyone: what
 * counts is the institution's signature and that it continues exactly what is known.
 *
 * @throws DomainError SOURCE_FAILED with facts.check: shape, institution, signature, continues,
 * head (entries that do not hash to the signed head), fork (another history than the one known).
 */
export async function acceptSegment(
  feed: Feed,
  institution: InstitutionId,
  wire: unknown,
): Promise<void> {
  const segment = parseSegment(wire, institution);
  if (isKnown(feed, segment)) return;
  await requireSigned(feed, segment);
  const withdrawals = await toWithdrawals(segment.entries);
  const taken = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const fresh = await extendCopy(tx, feed, segment, withdrawals);
    await keepSignedHead(tx, segment);
    const digests = await coveredDigests(tx, institution, segment.digests);
    return { fresh, digests, tip: await tipOf(tx, institution) };
  });
  const known = knownFeedOf(feed, institution);
  // Old segments are public: played again, their digests must not push out the newest.
  if (segment.round >= known.round) feed.completeness.cover(institution, taken.digests);
  const round = Math.max(segment.round, known.round);
  feed.known.set(institution, { ...taken.tip, round });
  if (taken.fresh.length > 0) feed.onWithdrawn?.(taken.fresh.map(({ handle }) => handle));
}

/** The common case, each second for each institution: nothing new, and no statement for it. */
function isKnown(feed: Feed, segment: FeedSegment): boolean {
  const known = knownFeedOf(feed, segment.institution);
  const { head, round, entries } = segment;
  return (
    entries.length === 0 &&
    segment.after === known.seq &&
    head === known.head &&
    round <= known.round
  );
}

async function requireSigned(feed: Feed, segment: FeedSegment): Promise<void> {
  const { institution, signature } = segment;
  const listed = feed.ledger().institutions.find(({ id }) => id === institution);
  if (listed === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution });
  const hash = segmentHash(feed.network, { ...segment, seq: endOf(segment) });
  const signer = await feed.keys.recover(hash, signature);
  if (signer?.toLowerCase() !== listed.account.toLowerCase()) {
    throw segmentRefused(institution, 'signature');
  }
}

async function toWithdrawals(secrets: readonly string[]): Promise<Withdrawal[]> {
  const withdrawals: Withdrawal[] = [];
  for (const w of secrets) {
    withdrawals.push(toWithdrawal(w));
    if (withdrawals.length % HASHES_PER_TURN === 0) await setImmediate();
  }
  return withdrawals;
}

/** @returns the withdrawals that this copy did not have. */
async function extendCopy(
  tx: SqlTransaction,
  feed: Feed,
  segment: FeedSegment,
  withdrawals: readonly Withdrawal[],
): Promise<readonly Withdrawal[]> {
  const { institution, after, entries } = segment;
  const tip = await tipOf(tx, institution);
  const base = await headAt(tx, institution, after);
  if (base === undefined) throw segmentRefused(institution, 'continues');
  const heads = [base, ...chainHeads(base, entries)];
  if (heads.at(-1) !== segment.head) throw segmentRefused(institution, 'head');
  const overlap = Math.min(tip.seq, endOf(segment));
  if ((await headAt(tx, institution, overlap)) !== heads[overlap - after]) {
    throw segmentRefused(institution, 'fork');
  }
  const known = Math.max(0, tip.seq - after);
  const fresh = withdrawals.slice(known);
  const rows = fresh.map((withdrawal, i) => ({
    ...withdrawal,
    head: headOf(heads, known + i + 1),
  }));
  const now = feed.clock.nowSeconds();
  await appendEntries(tx, { institution, seq: tip.seq, now }, rows);
  await endConsents(
    tx,
    fresh.map(({ handle }) => handle),
    now,
  );
  return fresh;
}

function headOf(heads: readonly Bytes32[], position: number): Bytes32 {
  const head = heads[position];
  invariant(head !== undefined, 'each entry has a head');
  return head;
}

/** Of two signed words on the same entry the newer round is kept, whoever brings the older again. */
async function keepSignedHead(tx: SqlTransaction, segment: FeedSegment): Promise<void> {
  const { institution, head, round, digests, signature } = segment;
  const signed = { head, round, digests, signature };
  await tx
    .insert(feedHead)
    .values({ institution, seq: endOf(segment), ...signed })
    .onConflictDoUpdate({
      target: [feedHead.institution, feedHead.seq],
      set: signed,
      setWhere: lt(feedHead.round, round),
    });
}
