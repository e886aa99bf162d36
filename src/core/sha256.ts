import { sha256 as hasher } from '@noble/hashes/sha2.js';

const BYTES = 32;
const blank = hasher.create();
const working = hasher.create();

/**
 * SHA-256 of a short message, in Node and in a browser alike.
 *
 * One hasher for all calls, set back before each: an entry of the evidence log is thirty messages of
 * a block or two, and most of the time went into making a hasher for every one of them.
 */
export function sha256(message: Uint8Array): Uint8Array {
  blank._cloneInto(working);
  const hash = new Uint8Array(BYTES);
  working.update(message).digestInto(hash);
  return hash;
}
