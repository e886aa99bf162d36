import type { Lanes } from './lanes.js';
import { ELEMENT_BYTES, LIMB_BITS, LIMB_MASK, LIMBS } from './limbs.js';
import { advance, type Code, get, i32, repeat, set, type WasmFunction } from './wasm.js';

// Nothing is brought below r on the way. A reduction leaves less than its sum / 2^261 and r, and
// 2^261 is 169 r, so that products hardly grow. What grows most is a partial round of 16 inputs:
// r(k) of six sums and a constant, y(k + 1) of that and a product, come to less than 11 r.

const COLUMNS = 2 * LIMBS;
/**
 * So many products, of 9 limbs each, and the reduction's 9: 63 in a column, which do not overflow.
 */
export const MAX_TERMS = 6;

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

/** (target, a, b, addend): target = a·b / 2^261 + addend. */
export function multiplication(lanes: Lanes): WasmFunction {
  const [target, a, b, addend] = [0, 1, 2, 3];
  const limbsOfA = 4;
  const limbsOfB = limbsOfA + LIMBS;
  const column = (k: number) => [
    ...productsOf(lanes, limbsOfA, limbsOfB, k),
    ...(k < LIMBS ? [] : [lanes.sumOf(lanes.load(get(addend), k - LIMBS))]),
  ];
  return {
    parameters: 4,
    returnsI32: false,
    locals: Array(2 * LIMBS + LOCALS_OF_REDUCTION).fill(lanes.type),
    body: [
      loadLimbs(limbsOfA, (limb) => lanes.load(get(a), limb)),
      loadLimbs(limbsOfB, (limb) => lanes.load(get(b), limb)),
      reduce(lanes, target, column, limbsOfB + LIMBS),
    ],
  };
}

/** (target, a): target = a² / 2^261, with 45 products instead of 81. */
export function squaring(lanes: Lanes): WasmFunction {
  const [target, a] = [0, 1];
  const limbs = 2;
  const column = (k: number): readonly Code[] => {
    const pairs = indices(LIMBS).filter((i) => i < k - i && k - i < LIMBS);
    const products = pairs.map((i) => lanes.multiply(get(limbs + i), get(limbs + k - i)));
    const twice = products.length === 0 ? [] : [lanes.shiftLeft(sum(lanes, products), 1)];
    const middle = get(limbs + k / 2);
    const isMiddle = k % 2 === 0 && k < COLUMNS - 1;
    return isMiddle ? [...twice, lanes.multiply(middle, middle)] : twice;
  };
  return {
    parameters: 2,
    returnsI32: false,
    locals: Array(LIMBS + LOCALS_OF_REDUCTION).fill(lanes.type),
    body: [
      loadLimbs(limbs, (limb) => lanes.load(get(a), limb)),
      reduce(lanes, target, column, limbs + LIMBS),
    ],
  };
}

/**
 * (target, constants, elements, terms): target += Σ constant·element / 2^261, reduced once for all
 * of its terms, of which there are at most MAX_TERMS.
 */
export function dotProduct(lanes: Lanes): WasmFunction {
  const [target, constants, elements, terms] = [0, 1, 2, 3];
  const limbsOfA = 4;
  const limbsOfB = limbsOfA + LIMBS;
  const columns = limbsOfB + LIMBS;
  const addProducts = (k: number): Code => {
    const products = productsOf(lanes, limbsOfA, limbsOfB, k);
    const column = columns + k;
    return products.length === 0 ? [] : set(column, lanes.add(get(column), sum(lanes, products)));
  };
  return {
    parameters: 4,
    returnsI32: false,
    locals: Array(2 * LIMBS + COLUMNS + LOCALS_OF_REDUCTION).fill(lanes.type),
    body: [
      loadLimbs(columns + LIMBS, (limb) => lanes.sumOf(lanes.load(get(target), limb))),
      repeat(terms, get(terms), [
        loadLimbs(limbsOfA, (limb) => lanes.loadShared(get(constants), limb)),
        loadLimbs(limbsOfB, (limb) => lanes.load(get(elements), limb)),
        indices(COLUMNS).map(addProducts),
        advance(constants, i32(ELEMENT_BYTES)),
        advance(elements, i32(ELEMENT_BYTES * lanes.count)),
      ]),
      reduce(lanes, target, (k) => [get(columns + k)], columns + COLUMNS),
    ],
  };
}

/** The limbs of the multiple of r, and the running sum. */
const LOCALS_OF_REDUCTION = LIMBS + 1;

/**
 * Montgomery's reduction of columns of products, column by column: target = Σ column k·2^29k /
 * 2^261.
 *
 * A multiple of r makes the lower nine columns zero. r is 1 + 2^28 modulo 2^29, so a limb of the
 * multiple is the running sum times 2^28 - 1, a shift and a difference.
 */
function reduce(
  lanes: Lanes,
  target: number,
  columnOf: (k: number) => readonly Code[],
  free: number,
): Code {
  const multiple = free;
  const running = multiple + LIMBS;
  const mask = lanes.constant(LIMB_MASK);
  const addToRunning = (terms: readonly Code[]) =>
    terms.length === 0 ? [] : set(running, lanes.add(get(running), sum(lanes, terms)));
  const carry = set(running, lanes.shiftRight(get(running), LIMB_BITS));
  const multiplesOfOrder = (k: number) =>
    indices(LIMBS)
      .filter((i) => i < k && k - i < LIMBS)
      .map((i) => lanes.multiply(get(multiple + i), lanes.order(k - i)));
  const lower = (k: number): Code => {
    const factor = lanes.subtract(lanes.shiftLeft(get(running), LIMB_BITS - 1), get(running));
    const product = get(multiple + k);
    return [
      set(multiple + k, lanes.and(factor, mask)),
      addToRunning([lanes.shiftLeft(product, LIMB_BITS - 1), product]),
      set(multiple + k, lanes.factorOf(product)),
    ];
  };
  const upper = (k: number): Code => {
    const limb = multiple + k - LIMBS;
    // Limb k - 9 of the multiple is no longer looked at: its local is free for the result's.
    return [
      set(limb, k === COLUMNS - 1 ? get(running) : lanes.and(get(running), mask)),
      lanes.store(get(target), get(limb), k - LIMBS),
    ];
  };
  return indices(COLUMNS).map((k) => [
    addToRunning(columnOf(k)),
    addToRunning(multiplesOfOrder(k)),
    k < LIMBS ? lower(k) : upper(k),
    k === COLUMNS - 1 ? [] : carry,
  ]);
}

function loadLimbs(first: number, load: (limb: number) => Code): Code {
  return indices(LIMBS).map((limb) => set(first + limb, load(limb)));
}

function productsOf(lanes: Lanes, a: number, b: number, k: number): readonly Code[] {
  return indices(LIMBS)
    .filter((i) => i <= k && k - i < LIMBS)
    .map((i) => lanes.multiply(get(a + i), get(b + k - i)));
}

function sum(lanes: Lanes, terms: readonly Code[]): Code {
  return terms.reduce((total, term) => lanes.add(total, term));
}
