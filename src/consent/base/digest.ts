import { randomBytes } from 'node:crypto';
import type { Bytes32 } from '../../core/bytes32.js';
import { sha256Hex } from '../../core/canonical.js';

// In core, because programs that check evidence without a node need these too.
export { type Bytes32, isBytes32, ZERO_HEAD } from '../../core/bytes32.js';
export {
  type AnchorName,
  type DigestPreimage,
  digestOf,
  mismatchOf,
} from '../../core/evidence/evidence.js';

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
