import { sha256 } from '@noble/hashes/sha2.js';
import { DomainError } from '../../core/errors.js';

/** The order r of the BN254 scalar field: every value that a statement speaks of lies in [0, r). */
export const FIELD_ORDER =
  21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** r has 77 decimal digits, so a longer text is refused before it is parsed. */
const FIELD_DIGITS = 77;
const BYTES_IN_ELEMENT = 31;
const CANONICAL_DECIMAL = /^(?:0|[1-9][0-9]*)$/;

/**
 * Returns the value if it is a field element; nothing is ever reduced silently.
 *
 * @throws FIELD_OUT_OF_RANGE for a negative value or one that is r or more.
 */
export function toField(value: bigint): bigint {
  if (value < 0n || value >= FIELD_ORDER) throw new DomainError('FIELD_OUT_OF_RANGE');
  return value;
}

/**
 * Parses the one decimal text that a field element has on a wire. Two texts of one value would be two
 * replay keys, so signs, spaces, leading zeros and values of r or more are refused.
 *
 * @throws FIELD_OUT_OF_RANGE
 */
export function parseCanonicalDecimal(text: string): bigint {
  return parseDecimalBelow(text, FIELD_ORDER);
}

/**
 * Parses a canonical decimal below a limit of at most 77 digits (a coordinate's limit is not r).
 *
 * @throws FIELD_OUT_OF_RANGE
 */
export function parseDecimalBelow(text: unknown, limit: bigint): bigint {
  if (typeof text !== 'string' || text.length > FIELD_DIGITS || !CANONICAL_DECIMAL.test(text)) {
    throw new DomainError('FIELD_OUT_OF_RANGE');
  }
  const value = BigInt(text);
  if (value >= limit) throw new DomainError('FIELD_OUT_OF_RANGE');
  return value;
}

/**
 * The field element that stands for a text: the first 31 bytes of SHA-256 of its UTF-8, big-endian.
 *
 * @returns an element in [0, 2^248). It hides nothing: anyone who can guess the text can check the
 * guess.
 */
export function fieldOf(text: string): bigint {
  return fieldOfBytes(sha256(new TextEncoder().encode(text)).subarray(0, BYTES_IN_ELEMENT));
}

/**
 * Reads at most 31 bytes, big-endian, as a field element.
 *
 * @throws FIELD_OUT_OF_RANGE for more bytes, which could wrap the field.
 */
export function fieldOfBytes(bytes: Uint8Array): bigint {
  if (bytes.length > BYTES_IN_ELEMENT) throw new DomainError('FIELD_OUT_OF_RANGE');
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** A fresh secret element of 31 random bytes: a salt, a requester's g, a pad leaf. */
export function randomField(): bigint {
  return fieldOfBytes(globalThis.crypto.getRandomValues(new Uint8Array(BYTES_IN_ELEMENT)));
}

/**
 * The element that names a study for the whole network.
 *
 * @param network - the network's name, 'pilot' in the pilot.
 * @param sponsorInstitution - the id of the institution that sponsors it.
 * @param localId - the sponsor's own id of the study, an NCT number for instance.
 */
export function studyField(network: string, sponsorInstitution: string, localId: string): bigint {
  return fieldOf(`${network}|${sponsorInstitution}|${localId}`);
}

/** The element that names an institution: of its id, never of a slot number; 0 means any. */
export function institutionField(institutionId: string): bigint {
  return fieldOf(institutionId);
}
