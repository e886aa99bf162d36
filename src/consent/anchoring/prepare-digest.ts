import { desc } from 'drizzle-orm';
import { lockAgainstWriters } from '../base/context.js';
import { type AnchorName, type Bytes32, digestOf, randomPad } from '../base/digest.js';
import { sealLog } from '../evidence/seal.js';
import type { Feed } from '../feed/feed.js';
import { tipOf } from '../feed/store.js';
import { feedDigest } from '../tables/table-feed.js';
import { requireStillWhole } from './restored.js';

/** A digest that is ready to be acknowledged and anchored. */
export interface PreparedDigest {
  /** Grows with every digest prepared here; no other node ever sees it. */
  readonly number: number;
  readonly digest: Bytes32;
}

/**
 * Closes the interval: seals the evidence logs and commits to the heads as they are now. What is in
 * the digest is stored before anyone sees the digest, so that it can be opened after any crash.
 *
 * @param anchor.round - the slot's anchors before this one. A digest serves this anchor alone: for a
 * later one, and after a crash, another is prepared.
 * @throws DomainError RESTORED_OLD if the database lost what was anchored: shorter logs would be sealed.
 * And what the ledger watch throws.
 */
export async function prepareDigest(
  feed: Feed,
  anchor: Pick<AnchorName, 'slot' | 'round'>,
): Promise<PreparedDigest> {
  const at = feed.clock.nowSeconds();
  const { chainId, contract } = feed.ledger();
  const madeFor = { chainId, contract: contract.toLowerCase(), ...anchor };
  const prepared = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedDigest);
    await requireStillWhole(tx, feed);
    const disclosureHead = await sealLog(tx, 'DISCLOSURES');
    const evidenceHead = await sealLog(tx, 'RECORDS');
    const { head: feedHeadNow } = await tipOf(tx, feed.institution);
    const heads = { feedHead: feedHeadNow, disclosureHead, evidenceHead };
    const preimage = { ...madeFor, ...heads, pad: randomPad() };
    const [last] = await tx
      .select({ number: feedDigest.number })
      .from(feedDigest)
      .orderBy(desc(feedDigest.number))
      .limit(1);
    const number = (last?.number ?? 0) + 1;
    const digest = digestOf(preimage);
    await tx.insert(feedDigest).values({ number, digest, at, ...preimage });
    return { number, digest };
  });
  feed.completeness.cover(feed.institution, prepared.digest);
  feed.servedDigests = undefined;
  return prepared;
}
