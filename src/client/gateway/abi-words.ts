import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const WORD_DIGITS = 64;

/** Keccak-256 of the signature of a function or an event, 64 digits. */
export function signatureHash(signature: string): string {
  return bytesToHex(keccak_256(utf8ToBytes(signature)));
}

/** A number as an ABI word for an argument. */
export function word(value: number): string {
  return value.toString(16).padStart(WORD_DIGITS, '0');
}

/** The word at an index of an ABI-encoded answer, 64 digits; fewer past its end. */
export function wordAt(encoded: string, at: number): string {
  return encoded.slice(2 + at * WORD_DIGITS, 2 + (at + 1) * WORD_DIGITS);
}

/** The index of the first word of each tuple in an ABI-encoded list of tuples. */
export function tuplesOf(encoded: string): readonly number[] {
  const list = numberAt(encoded, 0) / 32;
  // A list cannot have more items than the answer has words, whatever count it claims.
  const count = Math.min(numberAt(encoded, list), encoded.length / WORD_DIGITS);
  return Array.from({ length: count }, (_, i) => list + 1 + numberAt(encoded, list + 1 + i) / 32);
}

/** A string member of a tuple. */
export function textIn(encoded: string, tuple: number, member: number): string {
  const text = tuple + numberAt(encoded, tuple + member) / 32;
  const from = 2 + (text + 1) * WORD_DIGITS;
  const digits = encoded.slice(from, from + 2 * numberAt(encoded, text));
  return new TextDecoder().decode(hexToBytes(digits));
}

export function numberAt(encoded: string, at: number): number {
  return Number(`0x0${wordAt(encoded, at)}`);
}
