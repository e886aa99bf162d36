import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';

/** A bid of a transaction as jsonb holds it: wei are decimal text, for they outgrow a JSON number. */
export interface StoredBid {
  readonly hash: `0x${string}`;
  readonly dataHash: `0x${string}`;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
  readonly sentAtMs: number;
  readonly sentAtBlock: number;
}

/**
 * One row: the transaction that this node's account sent last, written before it is sent, so that a node that was
 * killed knows what may yet be mined.
 */
export const anchorPending = pgTable('anchor_pending', {
  id: integer('id').primaryKey(), // always 1
  account: text('account').$type<`0x${string}`>().notNull(),
  nonce: integer('nonce').notNull(),
  bids: jsonb('bids').$type<readonly StoredBid[]>().notNull(), // oldest first
});
