import { invariant } from '../../core/errors.js';
import { FIELD_ORDER } from '../arithmetic/field.js';

export type Vector = readonly bigint[];
/** Rows. */
export type Matrix = readonly Vector[];

export function modulo(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

export function dot(a: Vector, b: Vector): bigint {
  return modulo(a.reduce((sum, value, i) => sum + value * (b[i] ?? 0n), 0n));
}

export function plus(a: Vector, b: Vector): Vector {
  return a.map((value, i) => modulo(value + (b[i] ?? 0n)));
}

/** The matrix times a column. */
export function apply(matrix: Matrix, column: Vector): Vector {
  return matrix.map((row) => dot(row, column));
}

/** A row times the matrix. */
export function applyLeft(row: Vector, matrix: Matrix): Vector {
  return apply(transpose(matrix), row);
}

function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j] ?? 0n));
}

export function product(a: Matrix, b: Matrix): Matrix {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

/** @param exponent - at least 1. */
export function power(matrix: Matrix, exponent: number): Matrix {
  if (exponent === 1) return matrix;
  const half = power(matrix, Math.floor(exponent / 2));
  const square = product(half, half);
  return exponent % 2 === 0 ? square : product(square, matrix);
}

/**
 * Gauss and Jordan, for matrices whose leading minors are not singular, as those of Cauchy's are
 * not.
 */
export function inverseMatrix(matrix: Matrix): Matrix {
  const size = matrix.length;
  let rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1n : 0n))]);
  for (let pivot = 0; pivot < size; pivot += 1) {
    const scale = inverse(rows[pivot]?.[pivot] ?? 0n);
    const pivotRow = (rows[pivot] ?? []).map((value) => modulo(value * scale));
    rows = rows.map((row, i) => {
      const factor = row[pivot] ?? 0n;
      return i === pivot
        ? pivotRow
        : row.map((value, j) => modulo(value - factor * (pivotRow[j] ?? 0n)));
    });
  }
  return rows.map((row) => row.slice(size));
}

/** Euclid's, extended. */
export function inverse(value: bigint): bigint {
  let [a, b, x, y] = [FIELD_ORDER, modulo(value), 0n, 1n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  invariant(a === 1n, 'only zero has no inverse');
  return modulo(x);
}
