import { type LinearSystem, linearSystemOf } from './linear-system.js';
import {
  apply,
  applyLeft,
  dot,
  inverse,
  inverseMatrix,
  type Matrix,
  modulo,
  plus,
  power,
  product,
  type Vector,
} from './matrix.js';

/** A constant for each row, and the row behind it: the order in which hashing reads them. */
export function affine(constants: Vector, rows: Matrix): Vector {
  return rows.flatMap((row, i) => [constants[i] ?? 0n, ...row]);
}

/**
 * The constants of the partial rounds, and of the ways into and out of the form that they are
 * computed in.
 *
 * A partial round's S-box changes one element, y; the n others, x, only ever enter it by their
 * product with the matrix's first row. To y's S-box they are a linear system with one input and one
 * output, and such a system needs no state but its last n inputs and outputs: a recurrence of 2n
 * products, reduced once, instead of 2n + 1 products and n + 1 reductions. Moreover y is scaled,
 * round by round, so that the corner of the matrix is 1. A round is then
 *
 *   r(k) = constant + Σ a(k, i)·r(k - i) + Σ b(k, i)·y(k - i + 1), i from 1 to n
 *   y(k + 1) = y(k)^5 + r(k)
 *
 * @param mixing - the matrix of Poseidon.
 * @param added - the constants of the partial rounds, and of the full round after them.
 * @returns 2n rows of n + 1 that lead to r(-n), y(1 - n), .. r(-1), y(0); one row of 2n for each
 * round; n + 1 rows of 2n that lead from the last n pairs to the state.
 */
export function partialRounds(mixing: Matrix, added: Matrix): Vector {
  const system = linearSystemOf(mixing);
  const rounds = added.length - 1;
  const scales = scalesOf(system.corner, rounds);
  const offsets = offsetsOf(system, added);
  return [
    ...entryOf(mixing, system, added[0] ?? []),
    ...Array.from({ length: rounds }, (_, k) => roundOf(k, system, scales, offsets)).flat(),
    ...exitOf(rounds, system, scales, offsets),
  ];
}

/** The factors that y(k) is kept with, and their inverses: scale(k + 1) = scale(k)^5 / corner. */
interface Scales {
  readonly of: (k: number) => bigint;
  readonly inverseOf: (k: number) => bigint;
}

function scalesOf(corner: bigint, rounds: number): Scales {
  const scales = powersOfScale(inverse(corner), rounds);
  const inverses = powersOfScale(corner, rounds);
  // Before the first round nothing is scaled.
  return { of: (k) => scales[k] ?? 1n, inverseOf: (k) => inverses[k] ?? 1n };
}

function powersOfScale(factor: bigint, rounds: number): Vector {
  const scales = [1n];
  for (let k = 0, last = 1n; k < rounds; k += 1) {
    const square = modulo(last * last);
    last = modulo(modulo(square * square) * modulo(last * factor));
    scales.push(last);
  }
  return scales;
}

/** What constants alone make of the system: part of each value, and no part of the recurrence. */
interface Offsets {
  /** In y(k), which is z(k - 1) and this. */
  readonly ofY: (k: number) => bigint;
  /** In r(k), y's next constant included. */
  readonly ofR: (k: number) => bigint;
  /** In x after the last round. */
  readonly ofState: Vector;
}

function offsetsOf({ step, output }: LinearSystem, added: Matrix): Offsets {
  let state: Vector = output.map(() => 0n);
  const ofR = added.slice(1).map(([first = 0n, ...others]) => {
    const offset = modulo(dot(output, state) + first);
    state = plus(apply(step, state), others);
    return offset;
  });
  return {
    // The constants of the first round are in what the rounds begin with.
    ofY: (k) => (k > 0 ? (added[k]?.[0] ?? 0n) : 0n),
    ofR: (k) => ofR[k] ?? 0n,
    ofState: state,
  };
}

/**
 * The pairs before the first round: such outputs, with all inputs but the last zero, as lead to its
 * state.
 */
function entryOf(mixing: Matrix, { step, input, output }: LinearSystem, added: Vector): Vector {
  const back = inverseMatrix(step);
  const pairs: Vector[] = [];
  let row: Vector = output;
  for (const oldest of output.keys()) {
    row = applyLeft(row, back);
    const ofState = [modulo(-dot(row, input)), ...row];
    const y = oldest === 0 ? [added[0] ?? 0n, ...(mixing[0] ?? [])] : [0n, ...added.map(() => 0n)];
    pairs.unshift([dot(ofState, added), ...applyLeft(ofState, mixing), ...y]);
  }
  return pairs.flat();
}

/** The constant and the row that make r(k) of the last n pairs. */
function roundOf(k: number, system: LinearSystem, scales: Scales, offsets: Offsets): Vector {
  const { ofOutputs, ofInputs } = system;
  const scale = scales.of(k + 1);
  const first = k - ofOutputs.length;
  const row = ofOutputs.flatMap((ofOutput, j) => {
    const rescale = modulo(scale * scales.inverseOf(first + j + 1));
    return [modulo(ofOutput * rescale), modulo((ofInputs[j] ?? 0n) * rescale)];
  });
  const offset = offsets.ofR(k) - offsetOf(ofOutputs, ofInputs, first, offsets);
  return [modulo(scale * offset), ...row];
}

/** The rows that make the state of the last n pairs, y first. */
function exitOf(rounds: number, system: LinearSystem, scales: Scales, offsets: Offsets): Vector {
  const { step, input, outlookInverse, response } = system;
  const size = input.length;
  const first = rounds - size;
  const ofOutputs = product(power(step, size), outlookInverse);
  const inputs = powersOn(step, input, size);
  const others = ofOutputs.flatMap((row, i) => {
    const ofInputs = row.map((_, j) => {
      const direct = inputs[size - 1 - j]?.[i] ?? 0n;
      return modulo(direct - dot(row.slice(j + 1), response.slice(1)));
    });
    const constant = (offsets.ofState[i] ?? 0n) - offsetOf(row, ofInputs, first, offsets);
    const pairs = row.flatMap((ofOutput, j) =>
      [ofOutput, ofInputs[j] ?? 0n].map((value) => modulo(value * scales.inverseOf(first + j + 1))),
    );
    return [modulo(constant), ...pairs];
  });
  const zeros = Array<bigint>(2 * size).fill(0n);
  return [...zeros, scales.inverseOf(rounds), ...others];
}

/** What the offsets of n pairs come to in a row. */
function offsetOf(ofOutputs: Vector, ofInputs: Vector, first: number, offsets: Offsets): bigint {
  const r = ofOutputs.map((_, j) => offsets.ofR(first + j));
  const y = ofInputs.map((_, j) => offsets.ofY(first + j + 1));
  return dot(ofOutputs, r) + dot(ofInputs, y);
}

/** The column, and what the matrix makes of it again and again. */
function powersOn(matrix: Matrix, column: Vector, count: number): Matrix {
  const columns = [column];
  for (let last = column; columns.length < count; columns.push(last)) last = apply(matrix, last);
  return columns;
}
