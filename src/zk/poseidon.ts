import { buildPoseidon } from 'circomlibjs';
import { DomainError, invariant } from '../core/errors.js';
import { FIELD_ORDER } from './field.js';

// Awaited once at load, so that hashing is an ordinary synchronous call everywhere else.
const hashMontgomery = await buildPoseidon();

const BYTES = 32;
const LIMB = 64n;
const LIMB_MASK = (1n << LIMB) - 1n;
const MAXIMUM_INPUTS = 16;

/** The WASM field keeps x as x * 2^256 mod r. Converting here is 5x faster than its own parser. */
const MONTGOMERY_BITS = 256n;
const FROM_MONTGOMERY = inverse((1n << MONTGOMERY_BITS) % FIELD_ORDER);

const buffer = new Uint8Array(MAXIMUM_INPUTS * BYTES);
const view = new DataView(buffer.buffer);

/**
 * Poseidon over BN254 with the constants of circomlib, the one hash of the register and the circuits.
 *
 * The number of inputs is part of the hash: poseidon([a]) is not poseidon([a, 0n]).
 *
 * @param inputs - 1 to 16 field elements.
 * @returns a field element.
 * @throws FIELD_OUT_OF_RANGE for an input outside [0, r).
 * @source circomlib/circuits/poseidon.circom
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  invariant(inputs.length >= 1 && inputs.length <= MAXIMUM_INPUTS, 'Poseidon takes 1 to 16 inputs');
  inputs.forEach(writeMontgomery);
  return readMontgomery(hashMontgomery(buffer.subarray(0, inputs.length * BYTES)));
}

/**
 * Poseidon of two inputs for a whole level of a tree, without a bigint on the way.
 *
 * Nothing is hashed if any input is refused, and the input is never written to.
 *
 * @param pairs - n times 64 bytes, n >= 0: two field elements, 32 bytes big-endian each, left first.
 * @returns n times 32 bytes in a buffer of their own: hash i, big-endian, is of pair i.
 * @throws FIELD_OUT_OF_RANGE for an element that is r or more.
 */
export function hashPairs(pairs: Uint8Array): Uint8Array {
  invariant(pairs.length % (2 * BYTES) === 0, 'pairs have 64 bytes each');
  const view = new DataView(pairs.buffer, pairs.byteOffset, pairs.length);
  const hashes = new Uint8Array(pairs.length / 2);
  const hashView = new DataView(hashes.buffer);
  for (let offset = 0; offset < hashes.length; offset += BYTES) {
    const pair = [readElement(view, 2 * offset), readElement(view, 2 * offset + BYTES)];
    writeElement(hashView, offset, poseidon(pair));
  }
  return hashes;
}

function readElement(from: DataView, offset: number): bigint {
  let value = 0n;
  for (let limb = 0; limb < BYTES; limb += 8) {
    value = (value << LIMB) | from.getBigUint64(offset + limb);
  }
  return value;
}

function writeElement(to: DataView, offset: number, value: bigint): void {
  for (let limb = 0; limb < BYTES; limb += 8) {
    to.setBigUint64(offset + limb, (value >> BigInt(8 * (BYTES - 8 - limb))) & LIMB_MASK);
  }
}

function writeMontgomery(value: bigint, position: number): void {
  if (value < 0n || value >= FIELD_ORDER) throw new DomainError('FIELD_OUT_OF_RANGE');
  let rest = (value << MONTGOMERY_BITS) % FIELD_ORDER;
  for (let offset = position * BYTES; offset < (position + 1) * BYTES; offset += 8) {
    view.setBigUint64(offset, rest & LIMB_MASK, true);
    rest >>= LIMB;
  }
}

function readMontgomery(bytes: Uint8Array): bigint {
  const limbs = new DataView(bytes.buffer, bytes.byteOffset, BYTES);
  let value = 0n;
  for (let offset = BYTES - 8; offset >= 0; offset -= 8) {
    value = (value << LIMB) | limbs.getBigUint64(offset, true);
  }
  return (value * FROM_MONTGOMERY) % FIELD_ORDER;
}

/** Fermat: x^(r-2) mod r. */
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = value;
  for (let exponent = FIELD_ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % FIELD_ORDER;
    base = (base * base) % FIELD_ORDER;
  }
  return result;
}
