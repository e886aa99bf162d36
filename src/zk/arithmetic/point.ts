import type { Curve, CurvePoint } from 'ffjavascript';
import { DomainError } from '../../core/errors.js';
import { parseDecimalBelow } from './field.js';
import { isInSubgroup } from './pairing-subgroup.js';

/** The order q of the field that BN254's coordinates lie in; it is a little above r. */
export const COORDINATE_ORDER =
  21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** snarkjs's wire form of a point of G1: x, y, z as decimals, with z = 1. */
export type WirePoint1 = readonly [string, string, string];
/** snarkjs's wire form of a point of G2: each coordinate a pair, c0 + c1·u. */
export type WirePoint2 = readonly [
  readonly [string, string],
  readonly [string, string],
  readonly [string, string],
];

/** Coordinates of a point of G1, each in [0, q). */
export type Coordinates1 = readonly [x: bigint, y: bigint];
/** Coordinates of a point of G2, each c0 + c1·u as a pair. */
export type Coordinates2 = readonly [x: Pair, y: Pair];

type Pair = readonly [bigint, bigint];

/** y² = x³ + 3 over G1. */
const B1 = 3n;
/** y² = x³ + 3 / (9 + u) over G2. */
const B2: Pair = [
  19485874751759354771024239261021720505790618469301721065564631296452457478373n,
  266929791119991161246907387137283842545076965332900288569378510910307636690n,
];

/**
 * Reads a finite point of G1 from its one wire form: canonical coordinates below q, z = 1, on the
 * curve. G1 has no other subgroup. The point at infinity has no such form, and is refused with the
 * rest. It takes a few multiplications, and no curve object.
 *
 * @throws PROOF_MALFORMED
 */
export function readPoint1(point: unknown): Coordinates1 {
  const [x, y, z] = requireTuple(point, 3);
  const [a, b] = [coordinate(x), coordinate(y)];
  if (z !== '1' || (b * b - a * a * a - B1) % COORDINATE_ORDER !== 0n) throw malformed();
  return [a, b];
}

/**
 * Reads a finite point of the twist from its one wire form. Whether it lies in the subgroup of order
 * r is for `pointOf2` to say.
 *
 * @throws PROOF_MALFORMED
 */
export function readPoint2(point: unknown): Coordinates2 {
  const [x, y, z] = requireTuple(point, 3).map((pair) => requireTuple(pair, 2));
  const [a, b] = [pairOf(x), pairOf(y)];
  if (z?.[0] !== '1' || z[1] !== '0') throw malformed();
  const [left, right] = [multiply(b, b), multiply(multiply(a, a), a)];
  const off = [left[0] - right[0] - B2[0], left[1] - right[1] - B2[1]];
  if (off.some((part) => part % COORDINATE_ORDER !== 0n)) throw malformed();
  return [a, b];
}

/** The point of G1 at these coordinates, affine; they are of the curve. */
export function pointOf1({ G1 }: Curve, coordinates: Coordinates1): CurvePoint {
  return G1.fromObject(coordinates);
}

/**
 * The point of G2 at these coordinates, affine; they are of the twist.
 *
 * snarkjs checks no subgroup: the twist has a large cofactor, and a point outside is the attacker's
 * to choose. This check takes a thousand times what reading the point does.
 *
 * @throws PROOF_MALFORMED for a point outside the subgroup of order r.
 */
export function pointOf2(curve: Curve, coordinates: Coordinates2): CurvePoint {
  const point = curve.G2.fromObject(coordinates);
  if (!isInSubgroup(curve, point)) throw malformed();
  return point;
}

/** Reads a point of G1 and makes it. @returns affine. @throws PROOF_MALFORMED */
export function parsePoint1(curve: Curve, point: unknown): CurvePoint {
  return pointOf1(curve, readPoint1(point));
}

/** Reads a point of G2 and makes it. @returns affine. @throws PROOF_MALFORMED */
export function parsePoint2(curve: Curve, point: unknown): CurvePoint {
  return pointOf2(curve, readPoint2(point));
}

function requireTuple(value: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw malformed();
  return value;
}

function coordinate(text: unknown): bigint {
  try {
    return parseDecimalBelow(text, COORDINATE_ORDER);
  } catch {
    throw malformed();
  }
}

function pairOf(pair: readonly unknown[] | undefined): Pair {
  return [coordinate(pair?.[0]), coordinate(pair?.[1])];
}

/** (a + bu)(c + du) with u² = -1. */
function multiply([a, b]: Pair, [c, d]: Pair): Pair {
  return [(a * c - b * d) % COORDINATE_ORDER, (a * d + b * c) % COORDINATE_ORDER];
}

function malformed(): DomainError {
  return new DomainError('PROOF_MALFORMED');
}
