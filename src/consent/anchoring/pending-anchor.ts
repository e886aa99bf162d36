import { eq } from 'drizzle-orm';
import type { PendingBid, PendingStore } from '../../ledger/write/pending.js';
import type { Database } from '../../store/database.js';
import { anchorPending, type StoredBid } from '../tables/table-anchor.js';

const ONLY_ROW = 1;

/** Keeps the account's last transaction in the institution's own database. */
export function databasePending(db: Database): PendingStore {
  return {
    load: () =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(anchorPending).where(eq(anchorPending.id, ONLY_ROW));
        if (row === undefined) return undefined;
        const { account, nonce, bids } = row;
        return { account, nonce, bids: bids.map(parseBid) };
      }, 'read'),
    save: ({ account, nonce, bids }) =>
      db.transaction(async (tx) => {
        const pending = { account, nonce, bids: bids.map(storedOf) };
        await tx
          .insert(anchorPending)
          .values({ id: ONLY_ROW, ...pending })
          .onConflictDoUpdate({ target: anchorPending.id, set: pending });
      }),
  };
}

function storedOf(bid: PendingBid): StoredBid {
  return {
    ...bid,
    maxFeePerGas: String(bid.maxFeePerGas),
    maxPriorityFeePerGas: String(bid.maxPriorityFeePerGas),
  };
}

function parseBid(stored: StoredBid): PendingBid {
  return {
    ...stored,
    maxFeePerGas: BigInt(stored.maxFeePerGas),
    maxPriorityFeePerGas: BigInt(stored.maxPriorityFeePerGas),
  };
}
