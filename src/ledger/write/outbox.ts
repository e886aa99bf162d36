import { setTimeout as sleep } from 'node:timers/promises';
import { type Hex, keccak256, type TransactionReceipt } from 'viem';
import { DomainError } from '../../core/errors.js';
import { toLedgerError } from '../contract/refusal.js';
import { requirePinned } from '../rpc/connection.js';
import { type BidOptions, type Call, lastOf, sendNextBid } from './fee-bid.js';
import { isHeld, type Mined, minedOf, openNonceOf } from './mined.js';
import type { PendingChainTransaction } from './pending.js';
import { inTurn } from './send.js';

export interface OutboxOptions extends BidOptions {
  /**
   * How long one call may wait for a block before it is given up; 30,000 by default. It can still
   * be replaced.
   */
  readonly giveUpAfterMs?: number;
  /** How long a bid may wait before the next is sent; by default a third of the above. */
  readonly replaceAfterMs?: number;
  /** How often the ledger is asked whether it was mined; 250 by default. */
  readonly pollMs?: number;
}

/**
 * What became of the last transaction: none was sent; a block holds it; no block does yet, so the
 * next call replaces it; its nonce was used by a transaction that this account's store does not
 * know.
 */
export type Settled = 'NONE' | 'MINED' | 'OPEN' | 'TAKEN';

const GIVE_UP_AFTER_MS = 30_000;
const POLL_MS = 250;
/**
 * How long a stopping process still waits for a block: a transaction sent a moment ago is soon
 * mined.
 */
const STOP_WITHIN_MS = 5_000;
/**
 * How many times a nonce must be found used without a receipt before it is believed: nodes lag
 * behind each other.
 */
const TAKEN_LOOKS = 3;
/** Extra gas: other anchors in the same block change the cost of writing a path's nodes. */
const GAS_MARGIN_PERCENT = 30n;

/**
 * Sends an account's calls to the register one at a time, each under the lowest nonce that no block
 * holds, and keeps what it sends. So a call never queues behind a stuck one but replaces it, and at
 * most one of all calls sent under a nonce is ever executed, even after a crash.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #stopAtMs = Number.POSITIVE_INFINITY;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Finds out what became of the last call, before the next one is prepared. @throws DomainError
   * LEDGER_UNAVAILABLE.
   */
  async settle(): Promise<Settled> {
    const kept = await this.#load();
    if (kept === undefined) return 'NONE';
    try {
      const mined = await minedOf(this.#ledger, kept);
      if (mined !== undefined) return 'MINED';
      return (await this.#nextNonce()) > kept.nonce ? 'TAKEN' : 'OPEN';
    } catch (thrown) {
      throw toLedgerError(thrown, 'settle');
    }
  }

  /**
   * Sends a call and waits until a block holds it. It is simulated on the newest state first, and
   * the pins are checked.
   *
   * @throws DomainError LEDGER_REFUSED, LEDGER_MISMATCH, LEDGER_UNAVAILABLE; ACCOUNT_UNFUNDED; FEE_ABOVE_LIMIT;
   * TRANSACTION_STUCK if no block holds it in time; TRANSACTION_REPLACED with facts.by: EARLIER, an earlier call of this
   * account was mined in its place, or STRANGER, one that its store does not know.
   */
  send(data: Hex, call: string): Promise<TransactionReceipt> {
    return inTurn(this.#options.account, async () => {
      try {
        return await this.#send(data);
      } catch (thrown) {
        throw toLedgerError(thrown, call);
      }
    });
  }

  /** Stops waiting soon for what is not yet mined; it may still be, and the store will tell. */
  stop(): void {
    this.#stopAtMs = Date.now() + STOP_WITHIN_MS;
  }

  async #send(data: Hex): Promise<TransactionReceipt> {
    const { register, account } = this.#options;
    const { client } = register.ledger;
    await requirePinned(register);
    const chainTransaction = { account: account.address, to: register.contract, data };
    await client.call(chainTransaction);
    // Not estimated on pending state: a call that this one replaces would make it look cheaper.
    const gas = await client.estimateGas({ ...chainTransaction, blockTag: 'latest' });
    const call: Call = {
      data,
      dataHash: keccak256(data),
      gas: (gas * (100n + GAS_MARGIN_PERCENT)) / 100n,
    };
    return this.#untilMined(call, await this.#begin(call));
  }

  /** Sends the call's first bid, replacing what still waits under that nonce. */
  async #begin(call: Call): Promise<PendingChainTransaction> {
    const { account } = this.#options;
    for (let looks = 0; looks < TAKEN_LOOKS; looks += 1) {
      const nonce = await this.#nextNonce();
      const kept = await this.#load();
      const bids = kept?.nonce === nonce ? kept.bids : [];
      const sent = await sendNextBid(this.#options, call, {
        account: account.address,
        nonce,
        bids,
      });
      if (sent !== undefined) return sent;
      if (bids.length > 0 && (await this.settle()) === 'MINED') {
        throw new DomainError('TRANSACTION_REPLACED', { by: 'EARLIER' });
      }
      await this.#rest();
    }
    throw new DomainError('TRANSACTION_REPLACED', { by: 'STRANGER' });
  }

  async #untilMined(call: Call, begun: PendingChainTransaction): Promise<TransactionReceipt> {
    const { giveUpAfterMs = GIVE_UP_AFTER_MS } = this.#options;
    const deadlineMs = Date.now() + giveUpAfterMs;
    let pending = begun;
    for (let taken = 0; taken < TAKEN_LOOKS; ) {
      const mined = await minedOf(this.#ledger, pending);
      if (mined !== undefined) return receiptOf(call, mined);
      if ((await this.#nextNonce()) > pending.nonce) taken += 1;
      else if (Date.now() >= Math.min(deadlineMs, this.#stopAtMs)) {
        throw new DomainError('TRANSACTION_STUCK', { bids: pending.bids.length });
      } else pending = await this.#replaceIfDue(call, pending);
      await this.#rest();
    }
    throw new DomainError('TRANSACTION_REPLACED', { by: 'STRANGER' });
  }

  async #replaceIfDue(
    call: Call,
    pending: PendingChainTransaction,
  ): Promise<PendingChainTransaction> {
    const { giveUpAfterMs = GIVE_UP_AFTER_MS, replaceAfterMs = giveUpAfterMs / 3 } = this.#options;
    const last = lastOf(pending);
    if (Date.now() - last.sentAtMs < replaceAfterMs) return pending;
    // While no blocks are made, a higher fee would not help.
    const hasMoved = (await this.#blockNumber()) > last.sentAtBlock;
    if (!hasMoved && (await isHeld(this.#ledger, pending))) return pending;
    return (await sendNextBid(this.#options, call, pending)) ?? pending;
  }

  async #load(): Promise<PendingChainTransaction | undefined> {
    const { store, account } = this.#options;
    const kept = await store.load();
    // After a key rotation, transactions of the former account are not this one's.
    return kept?.account.toLowerCase() === account.address.toLowerCase() ? kept : undefined;
  }

  #nextNonce(): Promise<number> {
    const { address } = this.#options.account;
    return openNonceOf(this.#ledger, address);
  }

  async #blockNumber(): Promise<number> {
    return Number(await this.#ledger.client.getBlockNumber());
  }

  #rest(): Promise<void> {
    return sleep(this.#options.pollMs ?? POLL_MS);
  }

  get #ledger() {
    return this.#options.register.ledger;
  }
}

function receiptOf({ dataHash }: Call, { bid, receipt }: Mined): TransactionReceipt {
  if (bid.dataHash !== dataHash) throw new DomainError('TRANSACTION_REPLACED', { by: 'EARLIER' });
  if (receipt.status !== 'success') throw new DomainError('LEDGER_REFUSED', { error: 'Reverted' });
  return receipt;
}
