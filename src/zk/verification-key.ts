import type { Curve } from 'ffjavascript';
import { codeOf, DomainError } from '../core/errors.js';
import { parsePoint1, parsePoint2 } from './arithmetic/point.js';
import { PUBLIC_SIGNALS } from './statement.js';

/** A verification key that was checked, in snarkjs's JSON form. */
export type VerificationKey = Readonly<Record<string, unknown>>;

/**
 * Requires a verification key to be one that can be relied on, once, at load.
 *
 * gamma = delta is a set-up without a contribution: with it anybody forges proofs of any statement. A short
 * IC would leave public signals out of the equation.
 *
 * @throws ARTIFACT_MISMATCH
 */
export function requireVerificationKey(curve: Curve, value: unknown): VerificationKey {
  const key = value as Record<string, unknown>;
  try {
    parsePoint1(curve, key.vk_alpha_1);
    parsePoint2(curve, key.vk_beta_2);
    parsePoint2(curve, key.vk_gamma_2);
    parsePoint2(curve, key.vk_delta_2);
    for (const point of key.IC as unknown[]) parsePoint1(curve, point);
  } catch (cause) {
    throw new DomainError('ARTIFACT_MISMATCH', { point: codeOf(cause) }, cause);
  }
  const contributed = JSON.stringify(key.vk_gamma_2) !== JSON.stringify(key.vk_delta_2);
  const complete = (key.IC as unknown[]).length === PUBLIC_SIGNALS.length + 1;
  const ours = key.protocol === 'groth16' && key.curve === 'bn128';
  if (!contributed || !complete || !ours || key.nPublic !== PUBLIC_SIGNALS.length) {
    throw new DomainError('ARTIFACT_MISMATCH', { contributed, complete });
  }
  return key;
}
