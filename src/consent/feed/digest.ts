import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../core/canonical.js';

/** 32 bytes as 0x and 64 lower-case hexadecimal digits. */
export type Bytes32 = `0x${string}`;

/** The head of an empty chain. */
export const ZERO_HEAD: Bytes32 = `0x${'0'.repeat(64)}`;

const TAG = 'assent/digest';
const BYTES32 = /^0x[0-9a-f]{64}$/;

/** What an institution commits to with each anchor. */
export interface DigestPreimage {
  readonly feedHead: Bytes32;
  readonly disclosureHead: Bytes32;
  readonly evidenceHead: Bytes32;
  readonly pad: Bytes32;
}

/** SHA-256(tag, feed head, disclosure head, evidence head, pad): all that the ledger sees of them. */
export function digestOf(preimage: DigestPreimage): Bytes32 {
  const { feedHead, disclosureHead, evidenceHead, pad } = preimage;
  return hashOf(TAG, ...[feedHead, disclosureHead, evidenceHead, pad].map(bytesOf));
}

/** The next head of a hash chain. */
export function nextHead(head: Bytes32, link: Uint8Array): Bytes32 {
  return hashOf(bytesOf(head), link);
}

/** SHA-256 of the parts one after another: each part's length must be fixed or written before it. */
export function hashOf(...parts: readonly (string | Uint8Array)[]): Bytes32 {
  return `0x${sha256Hex(...parts)}`;
}

export function bytesOf(value: Bytes32): Buffer {
  return Buffer.from(value.slice(2), 'hex');
}

/** Fresh random bytes: without them, an observer could tell an unchanged interval. */
export function randomPad(): Bytes32 {
  return `0x${randomBytes(32).toString('hex')}`;
}

/** Whether a value from a wire is 0x and 64 lower-case digits. */
export function isBytes32(value: unknown): value is Bytes32 {
  return typeof value === 'string' && BYTES32.test(value);
}
