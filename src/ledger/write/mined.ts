import type { Hex, TransactionReceipt } from 'viem';
import type { Ledger } from '../rpc/connection.js';
import type { PendingBid, PendingChainTransaction } from './pending.js';

/** The one bid that a block holds. */
export interface Mined {
  readonly bid: PendingBid;
  readonly receipt: TransactionReceipt;
}

/**
 * @returns undefined while no block holds any of its bids, also after a reorganisation removed it.
 */
export async function minedOf(
  { client }: Ledger,
  { bids }: PendingChainTransaction,
): Promise<Mined | undefined> {
  const looked = bids.map(async (bid) => {
    const receipt = await client.getTransactionReceipt({ hash: bid.hash }).catch(ignoreNotFound);
    return receipt && { bid, receipt };
  });
  return (await Promise.all(looked)).find((mined) => mined !== undefined);
}

/** Whether the ledger holds one of the bids, in its pool or in a block. It may drop any at any time. */
export async function isHeld(
  { client }: Ledger,
  { bids }: PendingChainTransaction,
): Promise<boolean> {
  const looked = bids.map(({ hash }) => client.getTransaction({ hash }).catch(ignoreNotFound));
  return (await Promise.all(looked)).some((found) => found !== undefined);
}

/** The lowest nonce of an account that no block holds. */
export function openNonceOf({ client }: Ledger, address: Hex): Promise<number> {
  return client.getTransactionCount({ address, blockTag: 'latest' });
}

function ignoreNotFound(thrown: unknown): undefined {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'TransactionReceiptNotFoundError' || name === 'TransactionNotFoundError') return;
  throw thrown;
}
