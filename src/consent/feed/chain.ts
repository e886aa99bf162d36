import { DomainError } from '../../core/errors.js';
import { parseCanonicalDecimal } from '../../zk/field.js';
import { handleOf } from '../../zk/leaf.js';
import { type Bytes32, bytesOf, nextHead } from './digest.js';

/** A published withdrawal secret and the handle it ends. */
export interface Withdrawal {
  /** Canonical decimal. */
  readonly w: string;
  /** Poseidon(HANDLE, w), canonical decimal. */
  readonly handle: string;
}

/** @throws DomainError SECRET_MALFORMED unless w is a canonical decimal below the field order. */
export function toWithdrawal(w: string): Withdrawal {
  let secret: bigint;
  try {
    secret = parseCanonicalDecimal(w);
  } catch {
    throw new DomainError('SECRET_MALFORMED');
  }
  return { w, handle: String(handleOf(secret)) };
}

/** The head after each entry: SHA-256(head before, w as 32 bytes big-endian). */
export function chainHeads(base: Bytes32, secrets: readonly string[]): Bytes32[] {
  let head = base;
  return secrets.map((w) => {
    head = nextHead(head, bytesOf(`0x${BigInt(w).toString(16).padStart(64, '0')}`));
    return head;
  });
}
