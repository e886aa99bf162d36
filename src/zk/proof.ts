import type { Curve } from 'ffjavascript';
import { DomainError } from '../core/errors.js';
import { requirePoint1, requirePoint2, type WirePoint1, type WirePoint2 } from './point.js';

/** A Groth16 proof in snarkjs's JSON form. */
export interface Proof {
  readonly pi_a: WirePoint1;
  readonly pi_b: WirePoint2;
  readonly pi_c: WirePoint1;
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

const KEYS = ['curve', 'pi_a', 'pi_b', 'pi_c', 'protocol'];

/**
 * Parses a proof from a wire, in the one form that snarkjs writes, every point checked.
 *
 * A proof is never a name: whoever has one can make another of the same statement (Groth16 is malleable),
 * so replays are told by public signals.
 *
 * @throws PROOF_MALFORMED for other keys, a coordinate that is not a canonical decimal below q, a point
 * that is infinite, off its curve or outside its subgroup.
 */
export function parseProof(curve: Curve, value: unknown): Proof {
  if (typeof value !== 'object' || value === null) throw new DomainError('PROOF_MALFORMED');
  const { pi_a, pi_b, pi_c, protocol, curve: curveName } = value as Record<string, unknown>;
  if (Object.keys(value).sort().join() !== KEYS.join()) throw new DomainError('PROOF_MALFORMED');
  if (protocol !== 'groth16' || curveName !== 'bn128') throw new DomainError('PROOF_MALFORMED');
  requirePoint1(pi_a);
  requirePoint2(curve, pi_b);
  requirePoint1(pi_c);
  return { pi_a, pi_b, pi_c, protocol, curve: curveName };
}
