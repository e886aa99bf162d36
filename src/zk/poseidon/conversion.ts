import { FIELD_ORDER } from '../arithmetic/field.js';
import { type Lanes, ONE_LANE } from './lanes.js';
import { LIMB_BITS, LIMB_BYTES, LIMB_MASK, LIMBS, limbsOf } from './limbs.js';
import { REVERSED_AT } from './memory.js';
import type { WasmFunction } from './wasm.js';
import { add, advance, type Code, get, I32, I64, i32, i64, repeat, set, unsigned } from './wasm.js';

const BYTES = 32;
const WORD_BITS = 64;
const ORDER = limbsOf(FIELD_ORDER);
const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
const loadByte = (pointer: Code): Code => [pointer, 0x2d, 0, 0];
const storeByte = (pointer: Code, value: Code): Code => [pointer, value, 0x3a, 0, 0];
const loadWord = (pointer: Code, offset: number): Code => [pointer, 0x29, 0, unsigned(offset)];
const storeWord = (pointer: Code, word: Code, offset: number): Code => [
  [pointer, word, 0x37],
  [0, unsigned(offset)],
];
const or = (a: Code, b: Code): Code => [a, b, 0x84];
const shiftRightSigned = (a: Code, bits: number): Code => [a, i64(bits), 0x87];

/** (target, source): 32 bytes in the opposite order. */
export function reversal(): WasmFunction {
  const [target, source, counter] = [0, 1, 2];
  return {
    parameters: 2,
    returnsI32: false,
    locals: [I32],
    body: repeat(counter, i32(BYTES), [
      storeByte(add(get(target), add(get(counter), i32(-1))), loadByte(get(source))),
      advance(source, i32(1)),
    ]),
  };
}

/**
 * (target): the limbs of the 32 bytes at REVERSED_AT, lowest first, into one lane of an element.
 */
export function unpacking(lanes: Lanes): WasmFunction {
  const target = 0;
  const limb = (i: number): Code => {
    // Words overlap, so that each limb lies in one; the last cannot begin after byte 24.
    const firstByte = Math.min(Math.floor((i * LIMB_BITS) / 8), BYTES - 8);
    const word = loadWord(i32(REVERSED_AT), firstByte);
    const shifted = ONE_LANE.shiftRight(word, i * LIMB_BITS - 8 * firstByte);
    return storeLimb(lanes, target, ONE_LANE.and(shifted, i64(LIMB_MASK)), i);
  };
  return { parameters: 1, returnsI32: false, locals: [], body: indices(LIMBS).map(limb) };
}

/** (source): the opposite of unpacking, for an element below 2^256. */
export function packing(lanes: Lanes): WasmFunction {
  const source = 0;
  const word = (w: number): Code => {
    const parts = indices(LIMBS).flatMap((i) => {
      const shift = i * LIMB_BITS - w * WORD_BITS;
      if (shift <= -LIMB_BITS || shift >= WORD_BITS) return [];
      const limb = loadLimb(lanes, source, i);
      return [shift < 0 ? ONE_LANE.shiftRight(limb, -shift) : ONE_LANE.shiftLeft(limb, shift)];
    });
    return storeWord(i32(REVERSED_AT), parts.reduce(or), (w * WORD_BITS) / 8);
  };
  return { parameters: 1, returnsI32: false, locals: [], body: indices(4).map(word) };
}

/**
 * (target, source): target = source - r in one lane, both; returns -1 if that is negative, else 0.
 */
export function subtractionOfOrder(lanes: Lanes): WasmFunction {
  const [target, source, running] = [0, 1, 2];
  const limb = (i: number): Code => {
    const difference = ONE_LANE.subtract(loadLimb(lanes, source, i), i64(ORDER[i] ?? 0));
    return [
      set(running, ONE_LANE.add(get(running), difference)),
      storeLimb(lanes, target, ONE_LANE.and(get(running), i64(LIMB_MASK)), i),
      set(running, shiftRightSigned(get(running), LIMB_BITS)),
    ];
  };
  const wrapped = 0xa7;
  return {
    parameters: 2,
    returnsI32: true,
    locals: [I64],
    body: [indices(LIMBS).map(limb), get(running), wrapped],
  };
}

function loadLimb(lanes: Lanes, pointer: number, limb: number): Code {
  return [get(pointer), 0x35, 2, unsigned(limb * lanes.count * LIMB_BYTES)];
}

function storeLimb(lanes: Lanes, pointer: number, value: Code, limb: number): Code {
  return [get(pointer), value, 0x3e, 2, unsigned(limb * lanes.count * LIMB_BYTES)];
}
