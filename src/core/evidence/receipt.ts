import { type Bytes32, toBytes32 } from '../bytes32.js';
import { canonicalJson } from '../canonical-json.js';
import { sha256 } from '../sha256.js';
import type { Seconds } from '../time.js';

/** What a wallet asks one institution to do. */
const RECEIPT_ACTS = [
  ...(['LINK', 'REGISTER', 'AMEND', 'ERASE', 'WITHDRAW'] as const),
  ...(['KEEP_BACKUP', 'READ_BACKUP'] as const),
] as const;
export type ReceiptAct = (typeof RECEIPT_ACTS)[number];

const UNANCHORED: readonly ReceiptAct[] = ['LINK', 'KEEP_BACKUP', 'READ_BACKUP'];

/** Whether what was done comes into a digest on the ledger, so that its receipt says by when. */
export function isAnchored(act: ReceiptAct): boolean {
  return !UNANCHORED.includes(act);
}

/** Which network and which register an institution speaks for. */
export interface ReceiptLedger {
  /** The network's name. */
  readonly network: string;
  readonly chainId: number;
  /** The register's contract: 0x and 40 hexadecimal digits, in any case. */
  readonly contract: string;
}

/** JSON that a receipt holds: every value that was asked or came of it, as the API writes it. */
export type ReceiptFacts = Readonly<Record<string, unknown>>;

/** What an institution says that it did. Both sides put it together; only the rest travels. */
export interface ReceiptBody extends ReceiptLedger {
  /** The institution's id. */
  readonly institution: string;
  readonly act: ReceiptAct;
  /** What was asked. */
  readonly request: ReceiptFacts;
  /** What came of it. */
  readonly outcome: ReceiptFacts;
  /** As the request had it, so that no receipt of before answers it; null if it had none. */
  readonly nonce: string | null;
  /** When it was done. */
  readonly at: Seconds;
  /** By when it is in a digest on the ledger, but for what is held; null where isAnchored is false. */
  readonly anchorBy: Seconds | null;
}

/** The part of a receipt that is sent along with the answer. */
export interface SignedAnswer {
  readonly nonce: string | null;
  readonly at: Seconds;
  readonly anchorBy: Seconds | null;
  /** By the institution's ledger account over receiptHash, as readAccountSignature reads it. */
  readonly signature: string;
}

/** What a request's nonce looks like: 16 to 64 characters of base64url. */
export const RECEIPT_NONCE = /^[A-Za-z0-9_-]{16,64}$/;

const TAG = 'assent/receipt';
const encoder = new TextEncoder();

/**
 * What an institution's account signs: SHA-256 of the tag and the canonical JSON (RFC 8785) of the
 * body, with the contract in lower case.
 *
 * The tag keeps it apart from what else that account signs: a feed segment's SHA-256 begins with
 * another tag, and acknowledgements and transactions are Keccak-256.
 */
export function receiptHash(body: ReceiptBody): Bytes32 {
  const { network, chainId, institution, act, request, outcome, nonce, at, anchorBy } = body;
  const contract = body.contract.toLowerCase();
  const where = { network, chainId, contract, institution };
  const signed = { ...where, act, request, outcome, nonce, at, anchorBy };
  return toBytes32(sha256(encoder.encode(TAG + canonicalJson(signed))));
}
