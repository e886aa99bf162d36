import type { Curve, CurvePoint } from 'ffjavascript';

/** The number that BN254 is made of: q, r and the trace are polynomials in it. */
export const BN_PARAMETER = 4965661367192848881n;

/**
 * What Frobenius does to the coordinates of a point of the twist: (9 + u)^((q-1)/3) and ^((q-1)/2).
 */
export const TWIST_X = [
  21575463638280843010398324269430826099269044274347216827212613867836435027261n,
  10307601595873709700152284273816112264069230130616436755625194854815875713954n,
] as const;
export const TWIST_Y = [
  2821565182194536844548159561693502659359617185244120367078079554186484126554n,
  3505843767911556378687030309984248845540243509899259641013678093033130930403n,
] as const;

const COORDINATE_BYTES = 32;

/**
 * Whether a point of the twist lies in the subgroup of order r, which is what pairings are about.
 *
 * Instead of r·P = 0 (254 doublings) it asks (x+1)P + ψ(xP) + ψ²(xP) = ψ³(2xP), with x of 63 bits
 * and ψ Frobenius as the twist sees it. The points that satisfy this are killed by the resultant of
 * the equation and ψ's own, and that resultant has no divisor in common with the curve's order but
 * r: the tests compute both, and hold the answer against r·P.
 *
 * @param point - on the twist, finite, affine.
 * @source Housni, Guillevic, Piellard: Co-factor clearing and subgroup membership testing on
 * pairing-friendly curves, https://eprint.iacr.org/2022/348, sections 3 and 5.1
 */
export function isInSubgroup(curve: Curve, point: CurvePoint): boolean {
  const { G2 } = curve;
  const xP = G2.timesScalar(point, BN_PARAMETER);
  const once = frobenius(curve, xP);
  const twice = frobenius(curve, once);
  const left = G2.add(G2.add(xP, point), G2.add(once, twice));
  return G2.eq(left, G2.double(frobenius(curve, twice)));
}

/** ψ: conjugates every coordinate and moves the result back to the twist. Jacobian in and out. */
function frobenius({ F1, F2 }: Curve, point: CurvePoint): CurvePoint {
  const image = new Uint8Array(point.length);
  const factors = [F2.fromObject(TWIST_X), F2.fromObject(TWIST_Y), F2.one];
  factors.forEach((factor, i) => {
    const start = i * 2 * COORDINATE_BYTES;
    const conjugate = point.slice(start, start + 2 * COORDINATE_BYTES);
    conjugate.set(F1.neg(conjugate.subarray(COORDINATE_BYTES)), COORDINATE_BYTES);
    image.set(F2.mul(conjugate, factor), start);
  });
  return image;
}
