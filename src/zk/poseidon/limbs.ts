import { FIELD_ORDER } from '../arithmetic/field.js';

/**
 * The form that a field element has in the module's memory: 9 limbs of 29 bits, lowest first, each
 * in 32 bits. Products of limbs have 58 bits, so 63 of them add up in 64.
 */
export const LIMBS = 9;
export const LIMB_BITS = 29;
export const LIMB_MASK = 2 ** LIMB_BITS - 1;
export const LIMB_BYTES = 4;
/** Of an element of one lane. */
export const ELEMENT_BYTES = LIMBS * LIMB_BYTES;

/** What the arithmetic keeps instead of x is x·2^261 mod r, Montgomery's form. */
const MONTGOMERY_BITS = BigInt(LIMBS * LIMB_BITS);

export function toMontgomery(value: bigint): bigint {
  return (value << MONTGOMERY_BITS) % FIELD_ORDER;
}

/** @param value - in [0, 2^261). */
export function limbsOf(value: bigint): readonly number[] {
  return Array.from({ length: LIMBS }, (_, i) =>
    Number((value >> BigInt(i * LIMB_BITS)) & BigInt(LIMB_MASK)),
  );
}
