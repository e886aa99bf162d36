import { and, desc, eq, gte, lte } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { SqlTransaction } from '../../store/database.js';
import type { Bytes32, DigestPreimage } from '../base/digest.js';
import { feedDigest, feedHead } from '../tables/table-feed.js';
import { type Feed, knownFeedOf } from './feed.js';
import { openedBefore } from './opened.js';
import { toPreimage } from './own-digest.js';
import { endOfRecent } from './recent-entries.js';
import {
  endOf,
  type FeedSegment,
  SEGMENT_DIGESTS,
  SEGMENT_ENTRIES,
  segmentHash,
} from './segment.js';
import { entriesBetween, headAt, seqOfHead, tipOf } from './store.js';

type UnsignedSegment = Omit<FeedSegment, 'signature' | 'digests'>;

/**
 * A segment of a feed for another node: of this institution's own, signed now, or of the copy of
 * another's, as that one signed it or as the ledger vouches for it. Suspended ones' are handed on
 * like all others.
 *
 * @param after - the last entry that the asking node has.
 * @returns undefined if this node has nothing from there on that anything vouches for.
 */
export async function segmentOf(
  feed: Feed,
  institution: InstitutionId,
  after: number,
): Promise<FeedSegment | undefined> {
  if (institution !== feed.institution) {
    return feed.db.transaction((tx) => relayedSegment(tx, feed, institution, after), 'read');
  }
  const signed = await signedSegment(feed, after);
  return signed && { ...signed, digests: await ownDigests(feed) };
}

async function signedSegment(feed: Feed, after: number): Promise<FeedSegment | undefined> {
  const { db, institution, lastServed: last } = feed;
  // Every peer asks every second. A signature covers all entries before its head, so one signed
  // segment serves all peers that are nearly up to date, each cut to where that peer begins.
  const isNewest = last !== undefined && endOf(last) === knownFeedOf(feed, institution).seq;
  if (isNewest && isWithin(last, after)) return cut(last, after);
  const unsigned =
    recentSegment(feed, after) ??
    (await db.transaction((tx) => ownSegment(tx, feed, after), 'read'));
  if (unsigned === undefined) return undefined;
  const hash = segmentHash(feed.network, { ...unsigned, seq: endOf(unsigned) });
  const segment = { ...unsigned, signature: await feed.keys.sign(hash), digests: [] };
  feed.lastServed = segment;
  return cut(segment, after);
}

function isWithin(segment: Pick<FeedSegment, 'after' | 'entries'>, after: number): boolean {
  return segment.after <= after && after <= endOf(segment);
}

function cut(segment: FeedSegment, after: number): FeedSegment {
  return { ...segment, after, entries: segment.entries.slice(after - segment.after) };
}

/** From memory, while nothing but entries has come since a segment was signed last. */
function recentSegment(feed: Feed, after: number): UnsignedSegment | undefined {
  const { institution, recent } = feed;
  const { seq, head } = knownFeedOf(feed, institution);
  if (recent === undefined || endOfRecent(recent) !== seq || !isWithin(recent, after))
    return undefined;
  return { institution, ...recent, head };
}

async function ownSegment(
  tx: SqlTransaction,
  { institution }: Feed,
  after: number,
): Promise<UnsignedSegment | undefined> {
  const tip = await tipOf(tx, institution);
  const base = await headAt(tx, institution, after);
  if (base === undefined) return undefined;
  const until = Math.min(tip.seq, after + SEGMENT_ENTRIES);
  const rows = await entriesBetween(tx, institution, { after, until });
  const head = rows.at(-1)?.head ?? base;
  return { institution, after, entries: rows.map(({ w }) => w), head };
}

/** The newest digests and the one on the ledger, which may be older if anchoring has failed since. */
async function ownDigests(feed: Feed): Promise<readonly DigestPreimage[]> {
  const own = feed.ledger().institutions.find(({ id }) => id === feed.institution);
  const anchored = own?.lastAnchor?.digest as Bytes32 | undefined;
  const served = feed.servedDigests;
  if (served !== undefined && served.anchored === anchored) return served.digests;
  const digests = await feed.db.transaction(async (tx) => {
    const newest = await tx
      .select()
      .from(feedDigest)
      .orderBy(desc(feedDigest.number))
      .limit(SEGMENT_DIGESTS - 1);
    const preimages = newest.map(toPreimage);
    if (anchored === undefined || newest.some(({ digest }) => digest === anchored)) {
      return preimages;
    }
    const opened = await openedOwn(tx, feed.institution, anchored);
    return opened === undefined ? preimages : [...preimages, opened];
  }, 'read');
  // While it was read, another may have been prepared.
  if (feed.servedDigests === served) feed.servedDigests = { anchored, digests };
  return digests;
}

/** Of a node set up again, what is in the digest may be known from the others alone. */
async function openedOwn(
  tx: SqlTransaction,
  institution: InstitutionId,
  digest: Bytes32,
): Promise<DigestPreimage | undefined> {
  const [row] = await tx.select().from(feedDigest).where(eq(feedDigest.digest, digest));
  return row === undefined ? openedBefore(tx, institution, digest) : toPreimage(row);
}

/**
 * A copy is relayed up to a head that its institution signed with the account that it has on the
 * ledger, or up to the one that its digest on the ledger holds; never beyond.
 */
async function relayedSegment(
  tx: SqlTransaction,
  feed: Feed,
  institution: InstitutionId,
  after: number,
): Promise<FeedSegment | undefined> {
  const listed = feed.ledger().institutions.find(({ id }) => id === institution);
  const anchored = listed?.lastAnchor?.digest as Bytes32 | undefined;
  const opened = anchored && (await openedBefore(tx, institution, anchored));
  const signed = await signedWithin(tx, institution, { after, account: listed?.account ?? '' });
  const vouched =
    opened && (await vouchedWithin(tx, institution, { after, head: opened.feedHead }));
  const to = (vouched?.seq ?? -1) > (signed?.seq ?? -1) ? vouched : signed;
  if (to === undefined) return undefined;
  const rows = await entriesBetween(tx, institution, { after, until: to.seq });
  const { head, signature } = to;
  const digests = opened === undefined ? [] : [opened];
  return { institution, after, entries: rows.map(({ w }) => w), head, signature, digests };
}

interface RelayedHead {
  readonly seq: number;
  readonly head: Bytes32;
  readonly signature: string | null;
}

async function signedWithin(
  tx: SqlTransaction,
  institution: InstitutionId,
  { after, account }: { readonly after: number; readonly account: string },
): Promise<RelayedHead | undefined> {
  const reachable = and(
    eq(feedHead.institution, institution),
    eq(feedHead.account, account.toLowerCase()),
    gte(feedHead.seq, after),
    lte(feedHead.seq, after + SEGMENT_ENTRIES),
  );
  const [to] = await tx
    .select()
    .from(feedHead)
    .where(reachable)
    .orderBy(desc(feedHead.seq))
    .limit(1);
  return to;
}

async function vouchedWithin(
  tx: SqlTransaction,
  institution: InstitutionId,
  { after, head }: { readonly after: number; readonly head: Bytes32 },
): Promise<RelayedHead | undefined> {
  const seq = await seqOfHead(tx, institution, head);
  const isReached = seq !== undefined && after <= seq && seq <= after + SEGMENT_ENTRIES;
  return isReached ? { seq, head, signature: null } : undefined;
}
