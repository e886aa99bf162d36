import { dotProduct, multiplication, squaring } from './arithmetic.js';
import { call, NAMES, type Name } from './calls.js';
import { packing, reversal, subtractionOfOrder, unpacking } from './conversion.js';
import type { Lanes } from './lanes.js';
import { ELEMENT_BYTES, LIMB_BYTES } from './limbs.js';
import {
  PAGES,
  PAIRS_AT,
  POWERS_AT,
  REVERSED_AT,
  SCRATCH_AT,
  SQUARE_AT,
  STATE_AT,
} from './memory.js';
import {
  affine,
  elementOf,
  fifthPower,
  fullRound,
  mixing,
  placing,
  rowOf,
  SCHEDULED,
} from './rounds.js';
import * as wasm from './wasm.js';
import { add, advance, type Code, get, I32, i32, multiply, repeat, set } from './wasm.js';

const BYTES = 32;

/**
 * The module that hashes: hash(target, source, width, partialRounds, schedule) writes the 32 bytes
 * of the Poseidon of width - 1 elements, for as many hashes as there are lanes, one behind the
 * other.
 *
 * It returns -1, or 0 if an input was r or more; the target is worthless then.
 */
export function poseidonModule(lanes: Lanes): Uint8Array<ArrayBuffer> {
  const functions: Record<Name, wasm.WasmFunction> = {
    multiplication: multiplication(lanes),
    squaring: squaring(lanes),
    dotProduct: dotProduct(lanes),
    reversal: reversal(),
    unpacking: unpacking(lanes),
    packing: packing(lanes),
    subtractionOfOrder: subtractionOfOrder(lanes),
    placing: placing(lanes),
    affine: affine(lanes),
    mixing: mixing(lanes),
    fifthPower: fifthPower(),
    fullRound: fullRound(lanes),
    absorption: absorption(lanes),
    hash: hash(lanes),
  };
  return wasm.wasmModule(
    NAMES.map((name) => functions[name]),
    { hash: NAMES.indexOf('hash') },
    PAGES,
  );
}

/**
 * (target, source, stride, schedule): an input in Montgomery's form, plus a scheduled constant. The
 * lanes' inputs are `stride` bytes apart. Returns -1, or 0 if one of them is r or more.
 */
function absorption(lanes: Lanes): wasm.WasmFunction {
  const [target, source, stride, schedule, isBelow] = [0, 1, 2, 3, 4];
  const read = (lane: number): Code => {
    const input = i32(SCRATCH_AT + lane * LIMB_BYTES);
    return [
      call('reversal', i32(REVERSED_AT), get(source)),
      call('unpacking', input),
      set(isBelow, wasm.and(get(isBelow), call('subtractionOfOrder', i32(POWERS_AT), input))),
      advance(source, get(stride)),
    ];
  };
  return {
    parameters: 4,
    returnsI32: true,
    locals: [I32],
    body: [
      set(isBelow, i32(-1)),
      Array.from({ length: lanes.count }, (_, lane) => read(lane)),
      call('placing', get(target), get(schedule)),
      call('dotProduct', get(target), i32(SQUARE_AT), i32(SCRATCH_AT), i32(1)),
      get(isBelow),
    ],
  };
}

/** See poseidonModule. */
function hash(lanes: Lanes): wasm.WasmFunction {
  const [target, source, width, rounds, schedule, isBelow, i] = [0, 1, 2, 3, 4, 5, 6];
  const [element, pairs] = [7, 7];
  const inputs = wasm.subtract(get(width), i32(1));
  const stride = multiply(inputs, i32(BYTES));
  const window = multiply(inputs, i32(2));
  const state = i32(STATE_AT);
  const nextConstant = advance(schedule, SCHEDULED);
  const round = (to: Code, rows: Code): Code =>
    set(schedule, call('fullRound', to, rows, get(width), get(schedule)));
  const absorbed = call('absorption', get(element), get(source), stride, get(schedule));
  return {
    parameters: 5,
    returnsI32: true,
    locals: [I32, I32, I32],
    body: [
      call('placing', state, get(schedule)),
      nextConstant,
      set(isBelow, i32(-1)),
      set(element, i32(STATE_AT + ELEMENT_BYTES * lanes.count)),
      repeat(i, inputs, [
        set(isBelow, wasm.and(get(isBelow), absorbed)),
        nextConstant,
        advance(source, i32(BYTES)),
        advance(element, elementOf(lanes)),
      ]),
      repeat(i, i32(3), round(state, get(width))),
      round(i32(PAIRS_AT), window),
      set(pairs, i32(PAIRS_AT)),
      repeat(rounds, get(rounds), partialRound(lanes, pairs, schedule, window)),
      set(schedule, call('mixing', state, get(width), get(schedule), get(pairs), window)),
      repeat(i, i32(3), round(state, get(width))),
      round(state, i32(1)),
      // Times 1, which leads out of Montgomery's form.
      call('affine', i32(POWERS_AT), get(schedule), state, i32(1)),
      Array.from({ length: lanes.count }, (_, lane) => writeHash(target, lane)),
      get(isBelow),
    ],
  };
}

/** The next pair behind the window of the last ones, and the window one further. */
function partialRound(lanes: Lanes, pairs: number, schedule: number, window: Code): Code {
  const size = ELEMENT_BYTES * lanes.count;
  const behind = (elements: number) =>
    add(add(get(pairs), multiply(window, i32(size))), i32(elements * size));
  return [
    call('affine', behind(0), get(schedule), get(pairs), window),
    call('fifthPower', behind(1), behind(-1), behind(0)),
    advance(schedule, rowOf(window)),
    advance(pairs, i32(2 * size)),
  ];
}

/** At most r, so it is reduced by one subtraction if that leaves nothing negative. */
function writeHash(target: number, lane: number): Code {
  const unreduced = i32(POWERS_AT + lane * LIMB_BYTES);
  const difference = i32(SCRATCH_AT);
  const isBelow = call('subtractionOfOrder', difference, unreduced);
  return [
    call('packing', wasm.select(isBelow, unreduced, difference)),
    call('reversal', add(get(target), i32(lane * BYTES)), i32(REVERSED_AT)),
  ];
}
