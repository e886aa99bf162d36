import { toField } from '../../zk/arithmetic/field.js';

/** A field element has 32 bytes, big-endian, wherever the register stores or hashes it. */
export const ELEMENT_BYTES = 32;

/** @throws DomainError FIELD_OUT_OF_RANGE */
export function elementToBytes(element: bigint): Uint8Array {
  return elementsToBytes([element]);
}

/** One after the other. @throws DomainError FIELD_OUT_OF_RANGE */
export function elementsToBytes(elements: readonly bigint[]): Uint8Array {
  const digits = 2 * ELEMENT_BYTES;
  return Buffer.from(
    elements.map((element) => toField(element).toString(16).padStart(digits, '0')).join(''),
    'hex',
  );
}

/** @param position - which of the elements that the bytes hold. */
export function elementFromBytes(bytes: Uint8Array, position = 0): bigint {
  const start = position * ELEMENT_BYTES;
  return BigInt(`0x${hexOf(bytes.subarray(start, start + ELEMENT_BYTES))}`);
}

/** Every element that the bytes hold. */
export function elementsFromBytes(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / ELEMENT_BYTES }, (_, i) => elementFromBytes(bytes, i));
}

export function areEqualBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
