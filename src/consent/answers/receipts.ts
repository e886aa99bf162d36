import { DomainError } from '../../core/errors.js';
import {
  isAnchored,
  RECEIPT_NONCE,
  type ReceiptAct,
  type ReceiptFacts,
  receiptHash,
  type SignedAnswer,
} from '../../core/evidence/receipt.js';
import type { Seconds } from '../../core/time.js';
import type { Feed } from '../feed/feed.js';

/** What was asked and what came of it. */
export interface Answered {
  readonly act: ReceiptAct;
  readonly request: ReceiptFacts;
  readonly outcome: ReceiptFacts;
}

/** Signs what this institution did for one request. */
export type SignAnswer = (answered: Answered) => Promise<SignedAnswer>;

/** Signs this institution's answers to wallets. */
export interface Receipts {
  /**
   * Begins a receipt before anything is done, so that nothing is done that could not be signed.
   *
   * @throws DomainError BAD_INPUT for another nonce than 16 to 64 characters of base64url; what the
   * ledger watch throws.
   */
  begin(nonce: string | null): SignAnswer;
}

/** @param anchorWithinSeconds - how soon what was taken is in a digest on the ledger. */
export function createReceipts(feed: Feed, anchorWithinSeconds: Seconds): Receipts {
  return {
    begin(nonce) {
      if (nonce !== null && !RECEIPT_NONCE.test(nonce)) {
        throw new DomainError('BAD_INPUT', { argument: 'nonce' });
      }
      const { chainId, contract } = feed.ledger();
      const { network, institution, clock, keys } = feed;
      return async (answered) => {
        const at = clock.nowSeconds();
        const anchorBy = isAnchored(answered.act) ? at + anchorWithinSeconds : null;
        const ours = { network, chainId, contract, institution, nonce, at, anchorBy };
        const signature = await keys.sign(receiptHash({ ...ours, ...answered }));
        return { nonce, at, anchorBy, signature };
      };
    },
  };
}
