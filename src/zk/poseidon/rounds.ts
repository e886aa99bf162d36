import { MAX_TERMS } from './arithmetic.js';
import { call } from './calls.js';
import type { Lanes } from './lanes.js';
import { ELEMENT_BYTES, LIMBS } from './limbs.js';
import { POWERS_AT, SCRATCH_AT, STATE_AT, ZERO_AT } from './memory.js';
import {
  add,
  advance,
  type Code,
  doWhile,
  get,
  I32,
  i32,
  isLess,
  multiply,
  repeat,
  select,
  set,
  subtract,
  type WasmFunction,
} from './wasm.js';

/** The size of an element of a schedule. */
export const SCHEDULED = i32(ELEMENT_BYTES);

/** The size of a row of so many factors, and of the constant before it. */
export function rowOf(count: Code): Code {
  return multiply(add(count, i32(1)), SCHEDULED);
}

export function elementOf(lanes: Lanes): Code {
  return i32(ELEMENT_BYTES * lanes.count);
}

/** (target, constant): the constant in all lanes. */
export function placing(lanes: Lanes): WasmFunction {
  const [target, constant, limb] = [0, 1, 2];
  const place = (i: number): Code => [
    set(limb, lanes.sumOf(lanes.loadShared(get(constant), i))),
    lanes.store(get(target), get(limb), i),
  ];
  return {
    parameters: 2,
    returnsI32: false,
    locals: [lanes.type],
    body: Array.from({ length: LIMBS }, (_, i) => place(i)),
  };
}

/**
 * (target, schedule, elements, count): a scheduled constant, plus the row after it times the
 * elements.
 */
export function affine(lanes: Lanes): WasmFunction {
  const [target, schedule, elements, rest, terms] = [0, 1, 2, 3, 4];
  const most = i32(MAX_TERMS);
  return {
    parameters: 4,
    returnsI32: false,
    locals: [I32],
    body: [
      call('placing', get(target), get(schedule)),
      advance(schedule, SCHEDULED),
      doWhile(get(rest), [
        set(terms, select(isLess(get(rest), most), get(rest), most)),
        call('dotProduct', get(target), get(schedule), get(elements), get(terms)),
        advance(schedule, multiply(get(terms), SCHEDULED)),
        advance(elements, multiply(get(terms), elementOf(lanes))),
        set(rest, subtract(get(rest), get(terms))),
      ]),
    ],
  };
}

/**
 * (target, rows, schedule, elements, count): so many affine rows; returns where the schedule goes
 * on.
 */
export function mixing(lanes: Lanes): WasmFunction {
  const [target, rows, schedule, elements, count] = [0, 1, 2, 3, 4];
  return {
    parameters: 5,
    returnsI32: true,
    locals: [],
    body: [
      repeat(rows, get(rows), [
        call('affine', get(target), get(schedule), get(elements), get(count)),
        advance(schedule, rowOf(get(count))),
        advance(target, elementOf(lanes)),
      ]),
      get(schedule),
    ],
  };
}

/** (target, element, addend): the S-box, and something more. */
export function fifthPower(): WasmFunction {
  const [target, element, addend] = [0, 1, 2];
  const scratch = i32(SCRATCH_AT);
  return {
    parameters: 3,
    returnsI32: false,
    locals: [],
    body: [
      call('squaring', scratch, get(element)),
      call('squaring', scratch, scratch),
      call('multiplication', get(target), scratch, get(element), get(addend)),
    ],
  };
}

/** (target, rows, width, schedule): from the state; returns where the schedule goes on. */
export function fullRound(lanes: Lanes): WasmFunction {
  const [target, rows, width, schedule, i, power, element] = [0, 1, 2, 3, 4, 5, 6];
  return {
    parameters: 4,
    returnsI32: true,
    locals: [I32, I32, I32],
    body: [
      set(power, i32(POWERS_AT)),
      set(element, i32(STATE_AT)),
      repeat(i, get(width), [
        call('fifthPower', get(power), get(element), i32(ZERO_AT)),
        advance(power, elementOf(lanes)),
        advance(element, elementOf(lanes)),
      ]),
      call('mixing', get(target), get(rows), get(schedule), i32(POWERS_AT), get(width)),
    ],
  };
}
