import type { Curve, CurvePoint, Element } from 'ffjavascript';
import { parsePoint1, parsePoint2 } from '../arithmetic/point.js';
import type { VerificationKey } from '../verification-key.js';

/** Bits of a scalar that one look-up answers: 64 look-ups a scalar, 15 points each. */
const WINDOW_BITS = 4n;
const WINDOWS = 64;
const DIGITS = 15;

/** The multiples of one point: rows[i][d - 1] = d · 2^(4i) · point. */
type FixedBase = readonly (readonly CurvePoint[])[];

/** A verification key with all that does not depend on a proof computed, once, at load. */
export interface PairingKey {
  readonly alpha: CurvePoint;
  /** beta, gamma and delta as a Miller loop takes them. */
  readonly beta: Uint8Array;
  readonly gamma: Uint8Array;
  readonly delta: Uint8Array;
  /** The Miller loop of alpha and beta, which every single proof needs. */
  readonly alphaBeta: Element;
  /** IC: of the constant 1, then of each public signal in order. */
  readonly ic: readonly FixedBase[];
}

/** Takes 50 ms and 0.7 MB a key. */
export function pairingKeyOf(curve: Curve, key: VerificationKey): PairingKey {
  const { vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC } = key;
  const alpha = parsePoint1(curve, vk_alpha_1);
  const [beta, gamma, delta] = [vk_beta_2, vk_gamma_2, vk_delta_2].map((point) =>
    curve.prepareG2(curve.G2.toJacobian(parsePoint2(curve, point))),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  const alphaBeta = curve.millerLoop(curve.prepareG1(curve.G1.toJacobian(alpha)), beta);
  const ic = (IC as unknown[]).map((point) => fixedBase(curve, parsePoint1(curve, point)));
  return { alpha, beta, gamma, delta, alphaBeta, ic };
}

/**
 * The sum of scalars times the points of IC, in one addition for every four bits.
 *
 * @param scalars - as many as there are points, each in [0, 2^256).
 * @returns Jacobian; infinity if the sum is.
 */
export function sumOfIc({ G1 }: Curve, { ic }: PairingKey, scalars: readonly bigint[]): CurvePoint {
  let sum = G1.zero;
  ic.forEach((rows, position) => {
    let rest = scalars[position] ?? 0n;
    for (const row of rows) {
      const multiple = row[Number(rest & 15n) - 1];
      if (multiple !== undefined) sum = G1.add(sum, multiple);
      rest >>= WINDOW_BITS;
    }
  });
  return sum;
}

function fixedBase({ G1 }: Curve, point: CurvePoint): FixedBase {
  const rows: CurvePoint[][] = [];
  let unit = G1.toJacobian(point);
  for (let window = 0; window < WINDOWS; window += 1) {
    const row = [unit];
    for (let digit = 2; digit <= DIGITS; digit += 1) row.push(G1.add(row.at(-1) ?? unit, unit));
    rows.push(row);
    unit = G1.add(row.at(-1) ?? unit, unit);
  }
  return rows;
}
