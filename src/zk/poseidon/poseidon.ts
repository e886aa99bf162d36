import { DomainError, invariant } from '../../core/errors.js';
import { FIELD_ORDER } from '../arithmetic/field.js';
import { PoseidonInstance } from './instance.js';
import { ONE_LANE, TWO_LANES } from './lanes.js';
import { EXCHANGE_BYTES } from './memory.js';

const BYTES = 32;
const PAIR_BYTES = 2 * BYTES;
const WORD = 64n;
const WORD_MASK = (1n << WORD) - 1n;
const MAX_INPUTS = 16;

const single = new PoseidonInstance(ONE_LANE);
const { buffer, byteOffset } = single.exchange;
const view = new DataView(buffer, byteOffset, EXCHANGE_BYTES);
/** Made by the first call that needs it. */
let double: PoseidonInstance | undefined;

/**
 * Poseidon over BN254 with the constants of circomlib, the one hash of the register and the
 * circuits.
 *
 * The number of inputs is part of the hash: poseidon([a]) is not poseidon([a, 0n]).
 *
 * @param inputs - 1 to 16 field elements.
 * @returns a field element.
 * @throws FIELD_OUT_OF_RANGE for an input outside [0, r).
 * @source circomlib/circuits/poseidon.circom
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  invariant(inputs.length >= 1 && inputs.length <= MAX_INPUTS, 'Poseidon takes 1 to 16 inputs');
  inputs.forEach(writeElement);
  invariant(single.hash(0, 0, inputs.length), 'what was checked is below r');
  return readElement();
}

/**
 * Poseidon of two inputs for a whole level of a tree, without a bigint on the way.
 *
 * Nothing is returned if any input is refused. The input is not written to.
 *
 * @param pairs - n times 64 bytes, n >= 0: two field elements, 32 bytes big-endian each, left
 * first.
 * @returns n times 32 bytes in a buffer of their own: hash i, big-endian, is of pair i.
 * @throws FIELD_OUT_OF_RANGE for an element that is r or more.
 */
export function hashPairs(pairs: Uint8Array): Uint8Array<ArrayBuffer> {
  invariant(pairs.length % PAIR_BYTES === 0, 'pairs have 64 bytes each');
  double ??= new PoseidonInstance(TWO_LANES);
  const hashes = new Uint8Array(pairs.length / 2);
  for (let offset = 0; offset < pairs.length; offset += EXCHANGE_BYTES) {
    const some = pairs.subarray(offset, offset + EXCHANGE_BYTES);
    double.exchange.set(some);
    // An odd last pair is hashed together with a pair of zeros: what an earlier call left there may
    // be refused.
    double.exchange.fill(0, some.length, some.length + PAIR_BYTES);
    for (let at = 0; at < some.length; at += 2 * PAIR_BYTES) {
      if (!double.hash(at / 2, at, 2)) throw new DomainError('FIELD_OUT_OF_RANGE');
    }
    hashes.set(double.exchange.subarray(0, some.length / 2), offset / 2);
  }
  return hashes;
}

function writeElement(value: bigint, position: number): void {
  if (value < 0n || value >= FIELD_ORDER) throw new DomainError('FIELD_OUT_OF_RANGE');
  let rest = value;
  for (let offset = (position + 1) * BYTES - 8; offset >= position * BYTES; offset -= 8) {
    view.setBigUint64(offset, rest & WORD_MASK);
    rest >>= WORD;
  }
}

function readElement(): bigint {
  let value = 0n;
  for (let offset = 0; offset < BYTES; offset += 8) {
    value = (value << WORD) | view.getBigUint64(offset);
  }
  return value;
}
