import { eq } from 'drizzle-orm';
import type { SqlTransaction } from '../../store/database.js';
import type { Bytes32, DigestPreimage } from '../base/digest.js';
import { feedDigest } from '../tables/table-feed.js';

/** What a stored digest commits to, without what is this node's own of it. */
export function toPreimage({
  digest: _digest,
  number: _number,
  at: _at,
  ...preimage
}: typeof feedDigest.$inferSelect): DigestPreimage {
  return preimage;
}

/** What a digest of this institution commits to; undefined if it was made by a database now lost. */
export async function preimageOf(
  tx: SqlTransaction,
  digest: Bytes32,
): Promise<DigestPreimage | undefined> {
  const [row] = await tx.select().from(feedDigest).where(eq(feedDigest.digest, digest));
  return row && toPreimage(row);
}
