import { setImmediate } from 'node:timers/promises';
import { lt } from 'drizzle-orm';
import { DomainError, invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../register/context.js';
import { chainHeads, toWithdrawal, type Withdrawal } from './chain.js';
import { contradictionOf } from './contradiction.js';
import type { Bytes32 } from './digest.js';
import { coveredDigests, type Feed, knownFeedOf, noteKnown } from './feed.js';
import type { ForkEvidence } from './fork.js';
import { keepFork } from './forks.js';
import { endOf, type FeedSegment, parseSegment, segmentHash, segmentRefused } from './segment.js';
import { appendEntries, endConsents, type FeedTip, headAt, tipOf } from './store.js';
import { feedEntry, feedHead } from './table-feed.js';

/** Handles hashed between two turns of the event loop. */
const HASHES_PER_TURN = 256;

/**
 * Takes a segment of an institution's feed into this node's copy. It may come from anyone: what
 * counts is the institution's signature and that it continues exactly what is known.
 *
 * @returns the number of the segment's last entry.
 * @throws DomainError FEED_FORKED if it is another history than the one known: the evidence is kept.
 * SOURCE_FAILED with facts.check: shape, institution, signature, continues, head (entries that do
 * not hash to the signed head), fork (another history, and no evidence that would hold).
 */
export async function acceptSegment(
  feed: Feed,
  institution: InstitutionId,
  wire: unknown,
): Promise<number> {
  const segment = parseSegment(wire, institution);
  if (isKnown(feed, segment)) return segment.after;
  const listed = await requireSigned(feed, segment);
  const before = joinsOn(feed, segment)
    ? { known: 0 }
    : await feed.db.transaction((tx) => judge(tx, segment), 'read');
  if ('contradiction' in before) return refuseFork(feed, listed, before.contradiction);
  // Only now: a secret is two hundred times dearer to hash than a link of the chain.
  const withdrawals = await toWithdrawals(segment.entries.slice(before.known));
  const taken = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const judged = await judge(tx, segment);
    if ('contradiction' in judged) return judged;
    const fresh = withdrawals.slice(judged.known - before.known);
    return extendCopy(tx, feed, segment, { ...judged, fresh });
  });
  if ('contradiction' in taken) return refuseFork(feed, listed, taken.contradiction);
  const known = knownFeedOf(feed, institution);
  // Old segments are public: played again, their digests must not push out the newest.
  if (segment.round >= known.round) feed.completeness.cover(institution, taken.digests);
  noteKnown(feed, institution, { ...taken.tip, round: segment.round });
  if (taken.handles.length > 0) feed.onWithdrawn?.(taken.handles);
  return endOf(segment);
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

/** The next in frequency: entries that continue what is known, which memory can tell. */
function joinsOn(feed: Feed, { institution, after, entries, head }: FeedSegment): boolean {
  const known = knownFeedOf(feed, institution);
  return after === known.seq && (chainHeads(known.head, entries).at(-1) ?? known.head) === head;
}

async function requireSigned(feed: Feed, segment: FeedSegment): Promise<LedgerInstitution> {
  const { institution, signature } = segment;
  const listed = feed.ledger().institutions.find(({ id }) => id === institution);
  if (listed === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution });
  const hash = segmentHash(feed.network, { ...segment, seq: endOf(segment) });
  const signer = await feed.keys.recover(hash, signature);
  if (signer?.toLowerCase() !== listed.account.toLowerCase()) {
    throw segmentRefused(institution, 'signature');
  }
  return listed;
}

async function toWithdrawals(secrets: readonly string[]): Promise<Withdrawal[]> {
  const withdrawals: Withdrawal[] = [];
  for (const w of secrets) {
    withdrawals.push(toWithdrawal(w));
    if (withdrawals.length % HASHES_PER_TURN === 0) await setImmediate();
  }
  return withdrawals;
}

async function refuseFork(
  feed: Feed,
  listed: LedgerInstitution,
  evidence: ForkEvidence,
): Promise<never> {
  const institution = listed.id;
  await keepFork(feed, listed, evidence).catch((cause: unknown) => {
    // Words of two accounts of which one has ended convince nobody.
    throw segmentRefused(institution, 'fork', cause);
  });
  throw new DomainError('FEED_FORKED', { institution });
}

/** What a segment is to this node's copy: more of the same history, or another. */
type Judged =
  | { readonly contradiction: ForkEvidence }
  | {
      /** How many of its entries the copy has. */
      readonly known: number;
      /** Where the copy ends before it. */
      readonly tip: FeedTip;
      /** The heads after the entries that the copy does not have. */
      readonly heads: readonly Bytes32[];
    };

async function judge(tx: SqlTransaction, segment: FeedSegment): Promise<Judged> {
  const { institution, after, entries } = segment;
  const tip = await tipOf(tx, institution);
  const heads = await headsOf(tx, tip, segment);
  const contradiction = await contradictionOf(tx, { tip, heads }, segment);
  if (contradiction !== undefined) return { contradiction };
  if (heads === undefined) throw segmentRefused(institution, 'continues');
  if (heads.at(-1) !== segment.head) throw segmentRefused(institution, 'head');
  const known = Math.min(tip.seq - after, entries.length);
  return { known, tip, heads: heads.slice(known + 1) };
}

/** @returns where the copy ends now, and which handles it did not hold before. */
async function extendCopy(
  tx: SqlTransaction,
  feed: Feed,
  segment: FeedSegment,
  added: {
    readonly tip: FeedTip;
    readonly fresh: readonly Withdrawal[];
    readonly heads: readonly Bytes32[];
  },
) {
  const { institution } = segment;
  const { seq } = added.tip;
  const now = feed.clock.nowSeconds();
  const rows = added.fresh.map((one, i) => ({ ...one, head: headOf(added.heads, i) }));
  await appendEntries(tx, { institution, seq, now }, rows);
  const handles = added.fresh.map(({ handle }) => handle);
  await endConsents(tx, handles, now);
  await keepSignedHead(tx, segment);
  const digests = await coveredDigests(tx, feed, segment);
  const head = rows.at(-1)?.head ?? added.tip.head;
  return { handles, digests, tip: { seq: seq + rows.length, head } };
}

/** The heads of a segment, that before it first; undefined if it begins beyond this node's copy. */
async function headsOf(
  tx: SqlTransaction,
  tip: FeedTip,
  { institution, after, entries }: FeedSegment,
): Promise<readonly Bytes32[] | undefined> {
  const base = after === tip.seq ? tip.head : await headAt(tx, institution, after);
  return base === undefined ? undefined : [base, ...chainHeads(base, entries)];
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
