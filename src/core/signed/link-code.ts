import { wordlist } from '@scure/bip39/wordlists/english';
import { sha256 } from '../sha256.js';

/** Words that a person compares. */
const WORDS = 6;
/** The list has 2^11 words. */
const BITS_IN_WORD = 11n;

/**
 * What a wallet sends instead of a one-time code, which is never transmitted: a carrier learns
 * nothing with which it could sign a link.
 *
 * @returns SHA-256 of `assent/link-id|` and the code, 64 hexadecimal digits. Not the SHA-256 of the
 * code, whose first 31 bytes are what the study key signs.
 */
export function linkCodeId(code: string): string {
  return hexOf(hashOf(`assent/link-id|${code}`));
}

/** A key that answered a code. */
export interface LinkedKey {
  /** The id of the institution that showed the code. */
  readonly institution: string;
  readonly code: string;
  /** The study key, a point of Baby Jubjub. */
  readonly publicKey: { readonly ax: bigint; readonly ay: bigint };
}

/**
 * The words by which a patient sees that the key linked is the wallet's: wallet and portal show the
 * same six, or another key is linked.
 *
 * 66 bits of a hash over the code and the key. Because the code is in it, an attacker can begin to
 * look for a key with the patient's words only once the code was shown.
 *
 * @returns six words of the BIP 39 English list, with a space between them.
 */
export function linkWords({ institution, code, publicKey }: LinkedKey): string {
  const { ax, ay } = publicKey;
  const hash = hashOf(['assent/link-words', institution, code, ax, ay].join('|'));
  const bits = BigInt(`0x${hexOf(hash)}`);
  const words = Array.from({ length: WORDS }, (_, at) => {
    const place = (bits >> (256n - BITS_IN_WORD * BigInt(at + 1))) & ((1n << BITS_IN_WORD) - 1n);
    return wordlist[Number(place)];
  });
  return words.join(' ');
}

function hashOf(text: string): Uint8Array {
  return sha256(new TextEncoder().encode(text));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
