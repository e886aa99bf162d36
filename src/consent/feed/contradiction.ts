import { and, asc, eq, gte, lte } from 'drizzle-orm';
import type { InstitutionId } from '../../core/ids.js';
import type { SqlTransaction } from '../../store/database.js';
import type { Bytes32 } from '../base/digest.js';
import { feedHead } from '../tables/table-feed.js';
import type { SignedWord } from '../tables/table-fork.js';
import type { ForkEvidence } from './fork.js';
import { endOf, type FeedSegment, SEGMENT_ENTRIES, segmentRefused } from './segment.js';
import { entriesBetween, type FeedTip, headAt } from './store.js';

/**
 * What proves that a signed segment tells another history than this node's copy; undefined if it
 * tells the same one. Its entries need not be genuine where its word alone contradicts the copy.
 *
 * @throws DomainError SOURCE_FAILED (fork) if nothing signed could prove it: this is the node's own
 * feed, of which it keeps no signatures, or the ledger alone vouches for the segment.
 */
export async function contradictionOf(
  tx: SqlTransaction,
  { tip, heads }: { readonly tip: FeedTip; readonly heads: readonly Bytes32[] | undefined },
  segment: FeedSegment,
): Promise<ForkEvidence | undefined> {
  const { institution, after, entries } = segment;
  const end = endOf(segment);
  const shared = Math.min(tip.seq, end);
  const held = shared === tip.seq ? tip.head : await headAt(tx, institution, shared);
  // Entries that do not hash to the signed head are the relay's: they say nothing of the signer.
  const isWhole = heads?.at(-1) === segment.head;
  const told = end <= tip.seq ? segment.head : isWhole && heads?.[tip.seq - after];
  if (held === undefined || !told || told === held) return undefined;
  const said = wordOf(segment, end);
  const word = await signedWordFrom(tx, institution, shared);
  if (word === undefined || said === undefined) throw segmentRefused(institution, 'fork');
  if (end > tip.seq) {
    const beyond = entries.slice(tip.seq - after);
    return { institution, earlier: word, later: said, instead: told, entries: beyond };
  }
  const rows = await entriesBetween(tx, institution, { after: end, until: word.seq });
  const ours = rows.map(({ w }) => w);
  return { institution, earlier: said, later: word, instead: held, entries: ours };
}

function wordOf({ head, signature }: FeedSegment, seq: number): SignedWord | undefined {
  return signature === null ? undefined : { seq, head, signature };
}

/** The first signed word on that entry of the copy or on one that a segment reaches from there. */
async function signedWordFrom(
  tx: SqlTransaction,
  institution: InstitutionId,
  seq: number,
): Promise<SignedWord | undefined> {
  const reachable = and(
    eq(feedHead.institution, institution),
    gte(feedHead.seq, seq),
    lte(feedHead.seq, seq + SEGMENT_ENTRIES),
  );
  const [row] = await tx
    .select()
    .from(feedHead)
    .where(reachable)
    .orderBy(asc(feedHead.seq))
    .limit(1);
  return row && { seq: row.seq, head: row.head, signature: row.signature };
}
