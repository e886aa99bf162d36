import { desc, eq } from 'drizzle-orm';
import { sealLog } from '../evidence/seal.js';
import { lockAgainstWriters } from '../register/context.js';
import { type Bytes32, digestOf, randomPad } from './digest.js';
import { type Feed, knownFeedOf } from './feed.js';
import { tipOf } from './store.js';
import { feedDigest, feedHead } from './table-feed.js';

/** A digest that is ready to be acknowledged and anchored. */
export interface PreparedDigest {
  readonly round: number;
  readonly digest: Bytes32;
}

/**
 * Closes the interval: seals the evidence logs and commits to the heads as they are now. What is in
 * the digest is stored before anyone sees the digest, so that it can be opened after any crash.
 */
export async function prepareDigest(feed: Feed): Promise<PreparedDigest> {
  const at = feed.clock.nowSeconds();
  const prepared = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedDigest);
    const disclosureHead = await sealLog(tx, 'DISCLOSURES');
    const evidenceHead = await sealLog(tx, 'RECORDS');
    const { head: feedHeadNow } = await tipOf(tx, feed.institution);
    const preimage = { feedHead: feedHeadNow, disclosureHead, evidenceHead, pad: randomPad() };
    const [last] = await tx
      .select({ round: feedDigest.round })
      .from(feedDigest)
      .orderBy(desc(feedDigest.round))
      .limit(1);
    // After a restore, the highest round may be known only from what came back from the others.
    const [returned] = await tx
      .select({ round: feedHead.round })
      .from(feedHead)
      .where(eq(feedHead.institution, feed.institution))
      .orderBy(desc(feedHead.round))
      .limit(1);
    const round = Math.max(last?.round ?? 0, returned?.round ?? 0) + 1;
    const digest = digestOf(preimage);
    await tx.insert(feedDigest).values({ round, digest, at, ...preimage });
    return { round, digest };
  });
  feed.completeness.cover(feed.institution, [prepared.digest]);
  const known = knownFeedOf(feed, feed.institution);
  feed.known.set(feed.institution, { ...known, round: prepared.round });
  return prepared;
}
