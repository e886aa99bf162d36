import { type Hex, keccak256 } from 'viem';
import { DomainError, invariant } from '../../core/errors.js';
import type { Register } from '../rpc/connection.js';
import type { LedgerAccount } from './account.js';
import {
  type Fee,
  feeWithin,
  higherFee,
  isWithin,
  quoteFee,
  raiseFee,
  requireWithin,
} from './fee.js';
import { isHeld } from './mined.js';
import type { PendingBid, PendingChainTransaction, PendingStore } from './pending.js';
import { type SendFailure, sendFailureOf } from './send-failure.js';

/** A call of the register, ready to be signed. */
export interface Call {
  readonly data: Hex;
  readonly dataHash: Hex;
  readonly gas: bigint;
}

export interface BidOptions {
  readonly register: Register;
  readonly account: LedgerAccount;
  readonly store: PendingStore;
  /** The most that is offered for a unit of gas. */
  readonly feeLimitGwei: number;
}

/** The most bids for one nonce while the ledger still holds one of them. */
const MAX_BIDS = 8;
/** A bid dropped by one node may be held by another, so this many are kept. */
const MAX_REMEMBERED = 32;

/**
 * Signs a call as the next bid for a nonce, stores it and sends it, at a higher fee than any bid
 * that the ledger still holds.
 *
 * @param before - what was sent under this nonce so far; without bids, this is the first.
 * @returns what is kept now: `before` itself if it cannot be replaced any more; undefined if a block holds the nonce.
 * @throws DomainError ACCOUNT_UNFUNDED, FEE_ABOVE_LIMIT, TRANSACTION_STUCK if the pool takes no fee within the limit.
 */
export async function sendNextBid(
  options: BidOptions,
  call: Call,
  before: PendingChainTransaction,
): Promise<PendingChainTransaction | undefined> {
  const { register, feeLimitGwei } = options;
  const last = before.bids.at(-1);
  const held = last !== undefined && (await isHeld(register.ledger, before));
  if (held && !isReplaceable(before, feeLimitGwei)) return before;
  const quoted = await quoteFee(register.ledger, feeLimitGwei);
  let fee = feeOfNext({ last, held, quoted, call, feeLimitGwei });
  for (let tries = 0; tries < MAX_BIDS; tries += 1) {
    const { pending, failure } = await keepAndSend(options, call, before, fee);
    if (failure === undefined || failure === 'KNOWN') return pending;
    if (failure === 'NONCE_TOO_LOW') return undefined;
    if (failure === 'UNFUNDED') {
      // No pool took it: the next bid need not exceed its fee.
      if (last !== undefined) await options.store.save(before);
      throw new DomainError('ACCOUNT_UNFUNDED', { account: options.account.address });
    }
    // The pool holds another transaction under this nonce: one that was forgotten here, or that
    // this process did not send.
    fee = requireWithin(feeLimitGwei, raiseFee(fee));
  }
  throw new DomainError('TRANSACTION_STUCK', { bids: MAX_BIDS });
}

/**
 * For the first bid the quoted fee; for a call that was dropped the same again; otherwise enough to
 * replace the last one in every node's pool.
 */
function feeOfNext(next: {
  readonly last: PendingBid | undefined;
  readonly held: boolean;
  readonly quoted: Fee;
  readonly call: Call;
  readonly feeLimitGwei: number;
}): Fee {
  const { last, held, quoted, call, feeLimitGwei } = next;
  if (last === undefined) return quoted;
  const { dataHash, maxFeePerGas, maxPriorityFeePerGas } = last;
  const isEnough = quoted.maxFeePerGas <= maxFeePerGas;
  if (!held && isEnough && dataHash === call.dataHash)
    return { maxFeePerGas, maxPriorityFeePerGas };
  return feeWithin(feeLimitGwei, higherFee(quoted, raiseFee(last)));
}

/** The newest bid. */
export function lastOf({ bids }: PendingChainTransaction): PendingBid {
  const last = bids.at(-1);
  invariant(last, 'what is pending has a bid');
  return last;
}

function isReplaceable(pending: PendingChainTransaction, feeLimitGwei: number): boolean {
  return pending.bids.length < MAX_BIDS && isWithin(feeLimitGwei, raiseFee(lastOf(pending)));
}

async function keepAndSend(
  options: BidOptions,
  call: Call,
  before: PendingChainTransaction,
  fee: Fee,
): Promise<{
  readonly pending: PendingChainTransaction;
  readonly failure: SendFailure | undefined;
}> {
  const { account, register, store } = options;
  const { client } = register.ledger;
  const signed = await account.signTransaction({
    type: 'eip1559',
    chainId: register.pins.chainId,
    nonce: before.nonce,
    to: register.contract,
    data: call.data,
    gas: call.gas,
    ...fee,
  });
  const hash = keccak256(signed);
  const bid: PendingBid = {
    hash,
    dataHash: call.dataHash,
    ...fee,
    sentAtMs: Date.now(),
    sentAtBlock: Number(await client.getBlockNumber()),
  };
  const others = before.bids.filter((known) => known.hash !== hash);
  const pending = { ...before, bids: [...others, bid].slice(-MAX_REMEMBERED) };
  await store.save(pending);
  try {
    await client.sendRawTransaction({ serializedTransaction: signed });
    return { pending, failure: undefined };
  } catch (thrown) {
    const failure = sendFailureOf(thrown);
    if (failure === undefined) throw thrown;
    return { pending, failure };
  }
}
