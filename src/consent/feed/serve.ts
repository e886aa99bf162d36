import { and, desc, eq, gte, lte } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { SqlTransaction } from '../../store/database.js';
import type { DigestPreimage } from './digest.js';
import { type Feed, knownFeedOf } from './feed.js';
import { toPreimage } from './own-digest.js';
import { endOfRecent } from './recent.js';
import {
  endOf,
  type FeedSegment,
  SEGMENT_DIGESTS,
  SEGMENT_ENTRIES,
  segmentHash,
} from './segment.js';
import { entriesBetween, headAt, tipOf } from './store.js';
import { feedDigest, feedHead } from './table-feed.js';

type UnsignedSegment = Omit<FeedSegment, 'signature'>;

/**
 * A segment of a feed for another node: of this institution's own, signed now, or of the copy of
 * another's, as that one signed it.
 *
 * @param after - the last entry that the asking node has.
 * @returns undefined if this node has nothing signed from there on.
 */
export async function segmentOf(
  feed: Feed,
  institution: InstitutionId,
  after: number,
): Promise<FeedSegment | undefined> {
  const { db } = feed;
  if (institution !== feed.institution) {
    return db.transaction((tx) => relayedSegment(tx, institution, after), 'read');
  }
  const known = knownFeedOf(feed, institution);
  const last = feed.lastServed;
  // Everybody asks every second: a signature stands for all entries before its head, so one serves
  // whoever is near it, cut to where each begins.
  const isNewest = last !== undefined && endOf(last) === known.seq && last.round === known.round;
  if (isNewest && isWithin(last, after)) return cut(last, after);
  const unsigned =
    recentSegment(feed, after) ??
    (await db.transaction((tx) => ownSegment(tx, feed, after), 'read'));
  if (unsigned === undefined) return undefined;
  const hash = segmentHash(feed.network, { ...unsigned, seq: endOf(unsigned) });
  const segment = { ...unsigned, signature: await feed.keys.sign(hash) };
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
  const { institution, recent, lastServed } = feed;
  const { seq, head, round } = knownFeedOf(feed, institution);
  if (recent === undefined || endOfRecent(recent) !== seq || !isWithin(recent, after))
    return undefined;
  if (lastServed?.round !== round) return undefined;
  return { institution, ...recent, head, round, digests: lastServed.digests };
}

async function ownSegment(
  tx: SqlTransaction,
  feed: Feed,
  after: number,
): Promise<UnsignedSegment | undefined> {
  const { institution } = feed;
  const tip = await tipOf(tx, institution);
  const base = await headAt(tx, institution, after);
  if (base === undefined) return undefined;
  const until = Math.min(tip.seq, after + SEGMENT_ENTRIES);
  const rows = await entriesBetween(tx, institution, { after, until });
  const { round, digests } = await ownDigests(tx, feed);
  const head = rows.at(-1)?.head ?? base;
  return { institution, after, entries: rows.map(({ w }) => w), head, round, digests };
}

/** The newest digests and the one on the ledger, which may be older if anchoring has failed since. */
async function ownDigests(
  tx: SqlTransaction,
  feed: Feed,
): Promise<{ readonly round: number; readonly digests: DigestPreimage[] }> {
  const own = feed.ledger().institutions.find(({ id }) => id === feed.institution);
  const newest = await tx
    .select()
    .from(feedDigest)
    .orderBy(desc(feedDigest.number))
    .limit(SEGMENT_DIGESTS - 1);
  const anchored = own?.lastAnchor?.digest;
  if (anchored !== undefined && newest.every(({ digest }) => digest !== anchored)) {
    newest.push(...(await tx.select().from(feedDigest).where(eq(feedDigest.digest, anchored))));
  }
  return { round: newest[0]?.number ?? 0, digests: newest.map(toPreimage) };
}

/** A copy is relayed up to a head that its institution signed, never beyond. */
async function relayedSegment(
  tx: SqlTransaction,
  institution: InstitutionId,
  after: number,
): Promise<FeedSegment | undefined> {
  const reachable = and(
    eq(feedHead.institution, institution),
    gte(feedHead.seq, after),
    lte(feedHead.seq, after + SEGMENT_ENTRIES),
  );
  const [to] = await tx
    .select()
    .from(feedHead)
    .where(reachable)
    .orderBy(desc(feedHead.seq))
    .limit(1);
  if (to === undefined) return undefined;
  const rows = await entriesBetween(tx, institution, { after, until: to.seq });
  const { head, round, digests, signature } = to;
  return { institution, after, entries: rows.map(({ w }) => w), head, round, digests, signature };
}
