import type { Curve, CurvePoint } from 'ffjavascript';
import { DomainError } from '../core/errors.js';
import { parsePoint1, parsePoint2, type WirePoint1, type WirePoint2 } from './point.js';

/** A Groth16 proof in snarkjs's JSON form. */
export interface Proof {
  readonly pi_a: WirePoint1;
  readonly pi_b: WirePoint2;
  readonly pi_c: WirePoint1;
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

/** The three points of a proof, affine. */
export interface ProofPoints {
  readonly a: CurvePoint;
  readonly b: CurvePoint;
  readonly c: CurvePoint;
}

const MEMBERS = ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve'];

/**
 * Parses a proof from a wire, in the one form that snarkjs writes, every point checked. Each value
 * is read once, so that what was checked is what is computed with.
 *
 * A proof is never a name: whoever has one can make another of the same statement (Groth16 is
 * malleable), so replays are told by public signals.
 *
 * @throws PROOF_MALFORMED for other keys, a coordinate that is not a canonical decimal below q, a
 * point that is infinite, off its curve or outside its subgroup.
 */
export function parseProof(curve: Curve, value: unknown): ProofPoints {
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
  // Those of G1 first: they cost a thousandth of what G2's subgroup does.
  const [a, c] = [parsePoint1(curve, pi_a), parsePoint1(curve, pi_c)];
  return { a, b: parsePoint2(curve, pi_b), c };
}
