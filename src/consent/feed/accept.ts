import { setImmediate } from 'node:timers/promises';
import { ne } from 'drizzle-orm';
import { DomainError, invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { type Bytes32, digestOf } from '../base/digest.js';
import { eraseTombstoned } from '../erasure/tombstone.js';
import { feedEntry, feedHead } from '../tables/table-feed.js';
import { adoptAnchored } from './adopt.js';
import { chainHeads, type Entry, handlesOf, isTombstone, toEntry } from './chain.js';
import { contradictionOf } from './contradiction.js';
import { type Feed, knownFeedOf, noteKnown } from './feed.js';
import type { ForkEvidence } from './fork.js';
import { keepFork } from './forks.js';
import { coverAnchored } from './opened.js';
import { endOf, type FeedSegment, parseSegment, segmentHash, segmentRefused } from './segment.js';
import { appendEntries, endConsents, type FeedTip, headAt, tipOf } from './store.js';

/** Handles hashed between two turns of the event loop. */
const HASHES_PER_TURN = 256;

/**
 * Takes a segment of an institution's feed into this node's copy. It may come from anyone: what
 * counts is that the institution's signature or its digest on the ledger vouches for the head, and
 * that it continues exactly what is known.
 *
 * @returns the number of the segment's last entry.
 * @throws DomainError FEED_FORKED if it is another history than the one known, and not the one on the
 * ledger, which takes the place of the other: the evidence is kept.
 * SOURCE_FAILED with facts.check: shape, institution, signature, continues, head (entries that do
 * not hash to the signed head), fork (another history, and no evidence that would hold).
 */
export async function acceptSegment(
  feed: Feed,
  institution: InstitutionId,
  wire: unknown,
): Promise<number> {
  const segment = parseSegment(wire, institution);
  const listed = feed.ledger().institutions.find(({ id }) => id === institution);
  if (listed === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution });
  if (!isKnown(feed, listed, segment)) {
    await takeSegment(feed, listed, segment).catch(async (thrown: unknown) => {
      const isHealed = isFork(thrown) && (await adoptAnchored(feed, listed, segment));
      if (!isHealed) throw thrown;
    });
  }
  await coverAnchored(feed, listed, segment.digests);
  return endOf(segment);
}

function isFork(thrown: unknown): boolean {
  if (!(thrown instanceof DomainError)) return false;
  return thrown.code === 'FEED_FORKED' || thrown.facts.check === 'fork';
}

/** The common case, each second for each institution: nothing new, and no statement for it. */
function isKnown(feed: Feed, listed: LedgerInstitution, segment: FeedSegment): boolean {
  const { seq, head, signer } = knownFeedOf(feed, segment.institution);
  const isSame = segment.entries.length === 0 && segment.after === seq && head === segment.head;
  return isSame && (segment.signature === null || signer === listed.account.toLowerCase());
}

async function takeSegment(
  feed: Feed,
  listed: LedgerInstitution,
  segment: FeedSegment,
): Promise<void> {
  const { institution } = segment;
  const vouched = await vouchedSegment(feed, listed, segment);
  const before = joinsOn(feed, vouched)
    ? { known: 0 }
    : await feed.db.transaction((tx) => judge(tx, vouched), 'read');
  if ('contradiction' in before) return refuseFork(feed, listed, before.contradiction);
  // Only now: hashing a secret costs two hundred times as much as hashing a link of the chain.
  const told = await toEntries(vouched.entries.slice(before.known));
  const signer = listed.account.toLowerCase();
  const taken = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    const judged = await judge(tx, vouched);
    if ('contradiction' in judged) return judged;
    const fresh = told.slice(judged.known - before.known);
    const extended = await extendCopy(tx, feed, vouched, { ...judged, fresh });
    await keepSignedHead(tx, vouched, signer);
    return extended;
  });
  if ('contradiction' in taken) return refuseFork(feed, listed, taken.contradiction);
  const isSigned = vouched.signature !== null && endOf(vouched) === taken.tip.seq;
  noteKnown(feed, institution, { ...taken.tip, signer: isSigned ? signer : undefined });
  if (taken.handles.length > 0) feed.onWithdrawn?.(taken.handles);
}

/** The next in frequency: entries that continue what is known, which memory can tell. */
function joinsOn(feed: Feed, { institution, after, entries, head }: FeedSegment): boolean {
  const known = knownFeedOf(feed, institution);
  return after === known.seq && (chainHeads(known.head, entries).at(-1) ?? known.head) === head;
}

/**
 * The segment with what vouches for its head: the signature of the account on the ledger, or no
 * signature and the digest on the ledger. The latter outlives the account.
 */
async function vouchedSegment(
  feed: Feed,
  { account, lastAnchor }: LedgerInstitution,
  segment: FeedSegment,
): Promise<FeedSegment> {
  const { institution, signature, head, digests } = segment;
  if (signature !== null) {
    const hash = segmentHash(feed.network, { ...segment, seq: endOf(segment) });
    const signer = await feed.keys.recover(hash, signature);
    if (signer?.toLowerCase() === account.toLowerCase()) return segment;
  }
  const isOnLedger = digests.some(
    (preimage) => preimage.feedHead === head && digestOf(preimage) === lastAnchor?.digest,
  );
  if (!isOnLedger) throw segmentRefused(institution, 'signature');
  return { ...segment, signature: null };
}

async function toEntries(told: readonly string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const w of told) {
    entries.push(toEntry(w));
    if (entries.length % HASHES_PER_TURN === 0) await setImmediate();
  }
  return entries;
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
  // The ledger vouches for a head and not for its place: a relay may have moved it.
  const isMoved = segment.signature === null && heads && heads.at(-1) !== segment.head;
  if (isMoved) throw segmentRefused(institution, 'head');
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
  { institution }: FeedSegment,
  added: {
    readonly tip: FeedTip;
    readonly fresh: readonly Entry[];
    readonly heads: readonly Bytes32[];
  },
) {
  const { seq } = added.tip;
  const now = feed.clock.nowSeconds();
  const rows = added.fresh.map((one, i) => ({ ...one, head: headOf(added.heads, i) }));
  await appendEntries(tx, { institution, seq, now }, rows);
  const handles = handlesOf(added.fresh);
  await endConsents(tx, handles, now);
  // Of its own feed a node takes only what it has lost: an old backup brought its erased consents back.
  if (institution === feed.institution) {
    const erased = added.fresh.map(({ w }) => w).filter(isTombstone);
    await eraseTombstoned(tx, erased, now);
  }
  const head = rows.at(-1)?.head ?? added.tip.head;
  return { handles, tip: { seq: seq + rows.length, head } };
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

/** Two words of one account on one entry are worth the same; a renewed account's takes their place. */
async function keepSignedHead(
  tx: SqlTransaction,
  segment: FeedSegment,
  account: string,
): Promise<void> {
  const { institution, head, signature } = segment;
  if (signature === null) return;
  const signed = { head, account, signature };
  await tx
    .insert(feedHead)
    .values({ institution, seq: endOf(segment), ...signed })
    .onConflictDoUpdate({
      target: [feedHead.institution, feedHead.seq],
      set: signed,
      setWhere: ne(feedHead.account, account),
    });
}
