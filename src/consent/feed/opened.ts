import { and, count, eq, lt } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { SqlTransaction } from '../../store/database.js';
import { type Bytes32, type DigestPreimage, digestOf } from '../base/digest.js';
import { feedOpened } from '../tables/table-feed.js';
import type { Feed } from './feed.js';
import { seqOfHead } from './store.js';

/**
 * Digests of one round that are acknowledged to one institution at most. Each may still be anchored,
 * so none of them can be forgotten: at a digest every 30 s these last for three days.
 */
const MAX_ACKNOWLEDGED = 10_000;

/**
 * Notes that the copy of a feed reaches what its institution anchored, if it does and if the digest
 * on the ledger can be opened. A preimage needs no signature: it counts only if it hashes to what
 * the institution itself has on the ledger, no matter who sent it.
 *
 * @param offered - preimages from anyone; those that were stored count too.
 */
export async function coverAnchored(
  feed: Feed,
  { id, lastAnchor }: LedgerInstitution,
  offered: readonly DigestPreimage[],
): Promise<void> {
  const anchored = lastAnchor?.digest as Bytes32 | undefined;
  if (anchored === undefined || feed.completeness.covers(id, anchored)) return;
  const opens = offered.find((preimage) => digestOf(preimage) === anchored);
  const isCovered = await feed.db.transaction(async (tx) => {
    const preimage = opens ?? (await openedBefore(tx, id, anchored));
    if (preimage === undefined) return false;
    if ((await seqOfHead(tx, id, preimage.feedHead)) === undefined) return false;
    await keepOpened(tx, id, preimage);
    // An anchor of an earlier round cannot come any more; the last but one may, after a reorganisation.
    const { round } = preimage;
    const isPast = and(eq(feedOpened.institution, id), lt(feedOpened.round, round - 1));
    await tx.delete(feedOpened).where(isPast);
    return true;
  });
  if (isCovered) feed.completeness.cover(id, anchored);
}

/**
 * Keeps what is in a digest before it is acknowledged: as soon as it is on the ledger, somebody must
 * be able to open it, whatever became of its institution.
 *
 * @throws DomainError RATE_LIMITED
 */
export async function keepAcknowledged(
  tx: SqlTransaction,
  institution: InstitutionId,
  preimage: DigestPreimage,
): Promise<void> {
  const { round } = preimage;
  const ofRound = and(eq(feedOpened.institution, institution), eq(feedOpened.round, round));
  const [held] = await tx.select({ count: count() }).from(feedOpened).where(ofRound);
  if ((held?.count ?? 0) >= MAX_ACKNOWLEDGED) {
    throw new DomainError('RATE_LIMITED', { maximumDigests: MAX_ACKNOWLEDGED });
  }
  await keepOpened(tx, institution, preimage);
}

/** What is in a digest of an institution, if this node kept it. */
export async function openedBefore(
  tx: SqlTransaction,
  institution: InstitutionId,
  digest: Bytes32,
): Promise<DigestPreimage | undefined> {
  const same = and(eq(feedOpened.institution, institution), eq(feedOpened.digest, digest));
  const [row] = await tx.select({ preimage: feedOpened.preimage }).from(feedOpened).where(same);
  return row?.preimage;
}

async function keepOpened(
  tx: SqlTransaction,
  institution: InstitutionId,
  preimage: DigestPreimage,
): Promise<void> {
  const { round } = preimage;
  await tx
    .insert(feedOpened)
    .values({ institution, digest: digestOf(preimage), round, preimage })
    .onConflictDoNothing();
}
