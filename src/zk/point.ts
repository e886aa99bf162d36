import type { Curve, CurvePoint } from 'ffjavascript';
import { DomainError } from '../core/errors.js';
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

type Pair = readonly [bigint, bigint];

/** y² = x³ + 3 over G1. */
const B1 = 3n;
/** y² = x³ + 3 / (9 + u) over G2. */
const B2: Pair = [
  19485874751759354771024239261021720505790618469301721065564631296452457478373n,
  266929791119991161246907387137283842545076965332900288569378510910307636690n,
];

/**
 * Parses a finite point of G1 from its one wire form: canonical coordinates below q, z = 1, on the
 * curve. G1 has no other subgroup. The point at infinity has no such form, and is refused with the
 * rest.
 *
 * @returns affine.
 * @throws PROOF_MALFORMED
 */
export function parsePoint1(curve: Curve, point: unknown): CurvePoint {
  const [x, y, z] = requireTuple(point, 3);
  const [a, b] = [coordinate(x), coordinate(y)];
  if (z !== '1' || (b * b - a * a * a - B1) % COORDINATE_ORDER !== 0n) throw malformed();
  return curve.G1.fromObject([a, b]);
}

/**
 * Parses a finite point of G2 from its one wire form, on the curve and in the subgroup of order r.
 *
 * snarkjs checks no subgroup: the twist has a large cofactor, and a point outside is the attacker's
 * to choose.
 *
 * @returns affine.
 * @throws PROOF_MALFORMED
 */
export function parsePoint2(curve: Curve, point: unknown): CurvePoint {
  const [x, y, z] = requireTuple(point, 3).map((pair) => requireTuple(pair, 2));
  const [a, b] = [pairOf(x), pairOf(y)];
  if (z?.[0] !== '1' || z[1] !== '0') throw malformed();
  const [left, right] = [multiply(b, b), multiply(multiply(a, a), a)];
  const off = [left[0] - right[0] - B2[0], left[1] - right[1] - B2[1]];
  if (off.some((part) => part % COORDINATE_ORDER !== 0n)) throw malformed();
  const parsed = curve.G2.fromObject([a, b]);
  if (!isInSubgroup(curve, parsed)) throw malformed();
  return parsed;
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
