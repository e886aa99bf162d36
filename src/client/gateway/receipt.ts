import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { fromBytes32 } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import {
  isAnchored,
  type ReceiptAct,
  type ReceiptBody,
  type ReceiptFacts,
  receiptHash,
} from '../../core/evidence/receipt.js';
import type { InstitutionId } from '../../core/ids.js';
import { readAccountSignature } from '../../core/signed/account-signature.js';
import { secondsFromIso } from '../../core/time.js';
import type { LedgerAccounts } from './ledger-accounts.js';

/** An institution's signed answer, complete, so that anyone can check it against the ledger. */
export interface Receipt {
  readonly body: ReceiptBody;
  readonly signature: string;
}

/** The longest time that an institution may take until it anchors: two days. */
const MAX_ANCHOR_SECONDS = 172_800;
const NONCE_BYTES = 16;

export const SIGNED_FIELDS = 'signed { nonce at anchorBy signature }';
const time = z.iso.datetime({ offset: true }).transform(secondsFromIso);
/** Null if the gateway has answered by itself; requireReceipt refuses that. */
export const SignedForm = z
  .object({
    nonce: z.string().nullable(),
    at: time,
    anchorBy: time.nullable(),
    signature: z.string(),
  })
  .nullish();

/** A fresh nonce, which the receipt repeats, so that it belongs to this request and to no other. */
export function newReceiptNonce(): string {
  return bytesToHex(globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

/** What an institution was asked to do, and the claimed result. */
export interface AskedAct {
  readonly institution: InstitutionId;
  readonly act: ReceiptAct;
  readonly request: ReceiptFacts;
  readonly outcome: ReceiptFacts;
  readonly nonce: string;
}

/**
 * Requires that the institution itself gave this answer to this request. The attacker is the
 * gateway: it can answer by itself, drop the request, or replay the answer to another one.
 *
 * @returns the receipt to keep: it is evidence against the institution if it does not do what it
 *   signed.
 * @throws DomainError RECEIPT_MISSING; RECEIPT_INVALID naming the check; what the ledger throws.
 */
export async function requireReceipt(
  ledger: LedgerAccounts,
  asked: AskedAct,
  signed: z.output<typeof SignedForm>,
): Promise<Receipt> {
  const { institution, act, request, outcome, nonce } = asked;
  if (signed == null) throw new DomainError('RECEIPT_MISSING', { institution });
  if (signed.nonce !== nonce) throw invalid(institution, 'nonce');
  const { at, anchorBy, signature } = signed;
  const { network, chainId, contract } = ledger;
  const where = { network, chainId, contract, institution };
  const receipt = {
    body: { ...where, act, request, outcome, nonce, at, anchorBy },
    signature,
  };
  await requireSignedByInstitution(ledger, receipt);
  return receipt;
}

/**
 * Requires that a receipt was signed by this network's institution, with the account that the
 * ledger has now.
 *
 * @throws DomainError RECEIPT_INVALID naming the check: `ledger`, `anchorBy`, `signature`, `account`;
 * what the ledger throws.
 */
export async function requireSignedByInstitution(
  ledger: LedgerAccounts,
  { body, signature }: Receipt,
): Promise<void> {
  const institution = body.institution as InstitutionId;
  const isOurs =
    body.network === ledger.network &&
    body.chainId === ledger.chainId &&
    body.contract.toLowerCase() === ledger.contract.toLowerCase();
  if (!isOurs) throw invalid(institution, 'ledger');
  if (!hasSoundDeadline(body)) throw invalid(institution, 'anchorBy');
  const signer = signerOf(receiptHash(body), signature);
  if (signer === undefined) throw invalid(institution, 'signature');
  const account = (await ledger.accounts()).get(institution);
  if (account !== signer) throw invalid(institution, 'account');
}

function hasSoundDeadline({ act, at, anchorBy }: ReceiptBody): boolean {
  if (!isAnchored(act)) return anchorBy === null;
  return anchorBy !== null && anchorBy > at && anchorBy - at <= MAX_ANCHOR_SECONDS;
}

/**
 * The address that signed, in lower case; undefined if it is not a signature in the only accepted
 * form.
 */
function signerOf(hash: ReturnType<typeof receiptHash>, text: string): string | undefined {
  const read = readAccountSignature(text);
  if (read === undefined) return undefined;
  try {
    const signature = new secp256k1.Signature(read.r, read.s, read.yParity);
    const point = signature.recoverPublicKey(fromBytes32(hash)).toBytes(false);
    return `0x${bytesToHex(keccak_256(point.subarray(1)).subarray(12))}`;
  } catch {
    return undefined;
  }
}

function invalid(institution: InstitutionId, check: string): DomainError {
  return new DomainError('RECEIPT_INVALID', { institution, check });
}
