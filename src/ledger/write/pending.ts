import type { Hex } from 'viem';

/**
 * One signed transaction. To replace it, another is signed with the same nonce and higher fees: the
 * next bid.
 */
export interface PendingBid {
  readonly hash: Hex;
  /** keccak256 of its call data: two bids may carry different calls. */
  readonly dataHash: Hex;
  /** Wei for a unit of gas. */
  readonly maxFeePerGas: bigint;
  /** Wei for a unit of gas. */
  readonly maxPriorityFeePerGas: bigint;
  /** Unix milliseconds. */
  readonly sentAtMs: number;
  /** The newest block when it was sent. */
  readonly sentAtBlock: number;
}

/** What an account sent last, under one nonce: at most one of the bids is ever in a block. */
export interface PendingChainTransaction {
  readonly account: Hex;
  readonly nonce: number;
  /** Oldest first; not empty. */
  readonly bids: readonly PendingBid[];
}

/**
 * Stores the last transaction outside this process, before it is sent: after a crash the account
 * still knows every transaction that may be mined. It holds one, until the next replaces it.
 */
export interface PendingStore {
  load(): Promise<PendingChainTransaction | undefined>;
  save(pending: PendingChainTransaction): Promise<void>;
}
