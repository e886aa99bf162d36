import type { Curve, CurvePoint, Element } from 'ffjavascript';
import { FIELD_ORDER } from '../arithmetic/field.js';
import type { ProofPoints } from '../proof.js';
import { PUBLIC_SIGNALS, type Signals } from '../statement.js';
import { type PairingKey, sumOfIc } from './pairing-key.js';

/** What one proof, times its weight, brings into the equation. */
export interface Term {
  /** The Miller loop of -w·A and B. */
  readonly ab: Element;
  /** w·C */
  readonly c: CurvePoint;
  /** w, and w times each public signal, modulo r: what IC is multiplied by. */
  readonly factors: readonly bigint[];
}

/**
 * The term of one proof: the only part of the equation whose work grows with the number of proofs.
 *
 * @param weight - in [1, r). By itself a proof has weight 1.
 */
export function termOf(
  curve: Curve,
  { a, b, c }: ProofPoints,
  signals: Signals,
  weight: bigint,
): Term {
  const { G1, G2 } = curve;
  const weighted = (point: CurvePoint) =>
    weight === 1n ? G1.toJacobian(point) : G1.timesScalar(point, weight);
  const prepared = curve.prepareG2(G2.toJacobian(b));
  const ab = curve.millerLoop(curve.prepareG1(weighted(G1.neg(a))), prepared);
  const values = [1n, ...PUBLIC_SIGNALS.map((name) => signals[name])];
  const factors = values.map((value) => (weight * value) % FIELD_ORDER);
  return { ab, c: weighted(c), factors };
}

/**
 * Whether the proofs behind these terms hold together: the product over them, each to the power of
 * its weight, of
 *
 *     e(-A, B) · e(alpha, beta) · e(IC₀ + Σ sᵢ·ICᵢ, gamma) · e(C, delta)
 *
 * is 1. Of one term this is Groth16's own equation, exactly: r is prime, so no weight hides a
 * factor that is not 1. Of several it is that equation for each of them, but for a chance of 2^-127
 * over the weights.
 *
 * @source Groth, On the size of pairing-based non-interactive arguments,
 * https://eprint.iacr.org/2016/260
 */
export function holdTogether(curve: Curve, key: PairingKey, terms: readonly Term[]): boolean {
  const { G1, Gt } = curve;
  const factors = key.ic.map(
    (_, i) => terms.reduce((sum, term) => sum + (term.factors[i] ?? 0n), 0n) % FIELD_ORDER,
  );
  const c = terms.reduce((sum, term) => G1.add(sum, term.c), G1.zero);
  const [weight = 0n] = factors;
  let product = millerOf(curve, sumOfIc(curve, key, factors), key.gamma);
  product = Gt.mul(product, millerOf(curve, c, key.delta));
  product = Gt.mul(product, alphaBetaTo(curve, key, weight));
  for (const { ab } of terms) product = Gt.mul(product, ab);
  return Gt.eq(curve.finalExponentiation(product), Gt.one);
}

function alphaBetaTo(curve: Curve, { alpha, beta, alphaBeta }: PairingKey, weight: bigint) {
  return weight === 1n ? alphaBeta : millerOf(curve, curve.G1.timesScalar(alpha, weight), beta);
}

/**
 * Infinity pairs to 1, which the loop itself does not know: it would take its coordinates for a
 * point.
 */
function millerOf(curve: Curve, point: CurvePoint, prepared: Uint8Array): Element {
  if (curve.G1.isZero(point)) return curve.Gt.one;
  return curve.millerLoop(curve.prepareG1(point), prepared);
}
