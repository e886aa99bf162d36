import { FIELD_ORDER } from '../arithmetic/field.js';
import { LIMB_BYTES, limbsOf } from './limbs.js';
import { ORDER_AT } from './memory.js';
import { type Code, I64, i32, i64, unsigned, V128 } from './wasm.js';

/**
 * How a number of equal hashes are computed side by side: what a limb is in a register.
 *
 * A limb has two shapes: `factor` is what can be multiplied, `sum` is what products add up in.
 */
export interface Lanes {
  readonly count: number;
  /** The value type of a local that holds a limb. */
  readonly type: number;
  /** A limb of each lane's element, as a factor. */
  load(pointer: Code, limb: number): Code;
  /** A limb of the one element that all lanes use, as a factor. */
  loadShared(pointer: Code, limb: number): Code;
  /** Stores sums below 2^32. */
  store(pointer: Code, sum: Code, limb: number): Code;
  /** A limb of r, as a factor. */
  order(limb: number): Code;
  sumOf(factor: Code): Code;
  /** Takes the lower 32 bits. */
  factorOf(sum: Code): Code;
  /** The whole product of two factors, as a sum. */
  multiply(a: Code, b: Code): Code;
  add(a: Code, b: Code): Code;
  subtract(a: Code, b: Code): Code;
  and(a: Code, b: Code): Code;
  shiftLeft(sum: Code, bits: number): Code;
  shiftRight(sum: Code, bits: number): Code;
  /** The same sum in all lanes. */
  constant(value: number): Code;
}

const ORDER = limbsOf(FIELD_ORDER);
const ALIGN_4 = 2;
const ALIGN_8 = 3;

/** One hash in 64-bit integers. */
export const ONE_LANE: Lanes = {
  count: 1,
  type: I64,
  load: (pointer, limb) => [pointer, 0x35, ALIGN_4, unsigned(limb * LIMB_BYTES)],
  loadShared: (pointer, limb) => ONE_LANE.load(pointer, limb),
  store: (pointer, sum, limb) => [pointer, sum, 0x3e, ALIGN_4, unsigned(limb * LIMB_BYTES)],
  order: (limb) => i64(ORDER[limb] ?? 0),
  sumOf: (factor) => factor,
  factorOf: (sum) => sum,
  multiply: (a, b) => [a, b, 0x7e],
  add: (a, b) => [a, b, 0x7c],
  subtract: (a, b) => [a, b, 0x7d],
  and: (a, b) => [a, b, 0x83],
  shiftLeft: (sum, bits) => [sum, i64(bits), 0x86],
  shiftRight: (sum, bits) => [sum, i64(bits), 0x88],
  constant: i64,
};

const simd = (instruction: number): Code => [0xfd, unsigned(instruction)];
/** Bytes 0 to 3 of each of two sums, side by side; the upper half is not looked at. */
const LOWER_HALVES = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];

/** Two hashes in 128-bit vectors: factors are the lower two of four i32, sums two i64. */
export const TWO_LANES: Lanes = {
  count: 2,
  type: V128,
  load: (pointer, limb) => [pointer, simd(93), ALIGN_8, unsigned(2 * limb * LIMB_BYTES)],
  loadShared: (pointer, limb) => [pointer, simd(9), ALIGN_4, unsigned(limb * LIMB_BYTES)],
  store: (pointer, sum, limb) => [
    [pointer, TWO_LANES.factorOf(sum)],
    [simd(91), ALIGN_8, unsigned(2 * limb * LIMB_BYTES), 0],
  ],
  order: (limb) => TWO_LANES.loadShared(i32(ORDER_AT), limb),
  sumOf: (factor) => [factor, simd(201)],
  factorOf: (sum) => [sum, sum, simd(13), LOWER_HALVES],
  multiply: (a, b) => [a, b, simd(222)],
  add: (a, b) => [a, b, simd(206)],
  subtract: (a, b) => [a, b, simd(209)],
  and: (a, b) => [a, b, simd(78)],
  shiftLeft: (sum, bits) => [sum, i32(bits), simd(203)],
  shiftRight: (sum, bits) => [sum, i32(bits), simd(205)],
  constant: (value) => [i64(value), simd(18)],
};
