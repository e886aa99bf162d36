import {
  applyLeft,
  dot,
  inverse,
  inverseMatrix,
  type Matrix,
  modulo,
  type Vector,
} from './matrix.js';

/**
 * The others as a system: x(k + 1) = step·x(k) + input·z(k), and output·x(k) is what they add to
 * z(k). The input z(k) is the new first element before its constant, so the S-box's own part is not
 * needed.
 */
export interface LinearSystem {
  readonly corner: bigint;
  readonly step: Matrix;
  readonly input: Vector;
  readonly output: Vector;
  /**
   * Of the matrix whose row j is output·step^j: from n outputs to the state at the first of them.
   */
  readonly outlookInverse: Matrix;
  /** output·step^(j-1)·input: what an input adds j rounds later. */
  readonly response: Vector;
  /**
   * The recurrence: how each of the last n outputs, and inputs, enters the next output; oldest
   * first.
   */
  readonly ofOutputs: Vector;
  readonly ofInputs: Vector;
}

/**
 * @throws for a matrix whose others the first element cannot see: none of Poseidon's is such a one.
 */
export function linearSystemOf(mixing: Matrix): LinearSystem {
  const [[corner = 0n, ...output] = [], ...below] = mixing;
  const perCorner = inverse(corner);
  const input = below.map(([first = 0n]) => modulo(first * perCorner));
  const step = below.map(([, ...row], i) => {
    const back = input[i] ?? 0n;
    return row.map((value, j) => modulo(value - back * (output[j] ?? 0n)));
  });
  const size = output.length;
  const outlook: Vector[] = [];
  let row: Vector = output;
  for (let j = 0; j < size; j += 1) {
    outlook.push(row);
    row = applyLeft(row, step);
  }
  const outlookInverse = inverseMatrix(outlook);
  const response = [0n, ...outlook.map((one) => dot(one, input))];
  const ofOutputs = applyLeft(row, outlookInverse);
  const ofInputs = ofOutputs.map((_, oldest) => {
    const later = ofOutputs.slice(oldest + 1);
    return modulo((response[size - oldest] ?? 0n) - dot(later, response.slice(1)));
  });
  return { corner, step, input, output, outlookInverse, response, ofOutputs, ofInputs };
}
