import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const WORD_DIGITS = 64;

/** Keccak-256 of a signature of a function or an event, 64 digits. */
export function signatureHash(signature: string): string {
  return bytesToHex(keccak_256(utf8ToBytes(signature)));
}

/** A number as a word of an argument. */
export function word(value: number): string {
  return value.toString(16).padStart(WORD_DIGITS, '0');
}

/** The word at a place of an ABI-encoded answer, 64 digits; fewer behind its end. */
export function wordAt(encoded: string, at: number): string {
  return encoded.slice(2 + at * WORD_DIGITS, 2 + (at + 1) * WORD_DIGITS);
}

/** Where each tuple of an ABI-encoded list of tuples begins, in words. */
export function tuplesOf(encoded: string): readonly number[] {
  const list = numberAt(encoded, 0) / 32;
  // No answer lists more than it has words, whatever number it begins with.
  const count = Math.min(numberAt(encoded, list), encoded.length / WORD_DIGITS);
  return Array.from({ length: count }, (_, i) => list + 1 + numberAt(encoded, list + 1 + i) / 32);
}

/** A text that is a member of a tuple. */
export function textIn(encoded: string, tuple: number, member: number): string {
  const text = tuple + numberAt(encoded, tuple + member) / 32;
  const from = 2 + (text + 1) * WORD_DIGITS;
  const digits = encoded.slice(from, from + 2 * numberAt(encoded, text));
  return new TextDecoder().decode(hexToBytes(digits));
}

export function numberAt(encoded: string, at: number): number {
  return Number(`0x0${wordAt(encoded, at)}`);
}
