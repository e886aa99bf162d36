import { DomainError } from '../../core/errors.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import { handleOf } from '../../zk/leaf.js';
import { type Bytes32, bytesOf, nextHead } from '../base/digest.js';

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

/** An entry of a feed: a withdrawal, or the tombstone of an erased consent, which ends no handle. */
export interface Entry {
  /** A withdrawal secret as a canonical decimal, or a tombstone: 0x and 64 hexadecimal digits. */
  readonly w: string;
  /** Null for a tombstone. */
  readonly handle: string | null;
}

/**
 * A tombstone is random and stands in the row of its consent alone: it says to nobody else which consent
 * was erased, and finds the row again if an old backup brings it back.
 */
export function isTombstone(entry: string): entry is Bytes32 {
  return entry.startsWith('0x');
}

/** @throws DomainError SECRET_MALFORMED for a secret that is none. */
export function toEntry(entry: string): Entry {
  return isTombstone(entry) ? { w: entry, handle: null } : toWithdrawal(entry);
}

/** The handles that these entries end. */
export function handlesOf(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ handle }) => (handle === null ? [] : [handle]));
}

/** Before a tombstone, which is as long as a secret. */
const TOMBSTONE_TAG = Uint8Array.of(1);

/** The head after each entry: SHA-256(head before, w as 32 bytes big-endian), or (head before, 1, tombstone). */
export function chainHeads(base: Bytes32, entries: readonly string[]): Bytes32[] {
  let head = base;
  return entries.map((entry) => {
    head = nextHead(head, linkOf(entry));
    return head;
  });
}

function linkOf(entry: string): Uint8Array {
  if (isTombstone(entry)) return Buffer.concat([TOMBSTONE_TAG, bytesOf(entry)]);
  return bytesOf(`0x${BigInt(entry).toString(16).padStart(64, '0')}`);
}
