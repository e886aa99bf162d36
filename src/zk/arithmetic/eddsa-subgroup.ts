import { babyjubjub } from '@noble/curves/misc.js';
import { FIELD_ORDER } from './field.js';

const { Fp } = babyjubjub.Point;

/**
 * A point T of order 8 in Montgomery's coordinates, v² = u³ + 168698·u² + u, where the lines below
 * are short. The tangent at T is v = SLOPE·u + OFFSET; that at 2T = (1, √a) is v = √a·u, through 4T
 * = (0, 0).
 */
export const POINT_OF_ORDER_8 = {
  u: 9548596286964632035108538481129647073527022943495698293421437455091140321088n,
  v: 19553075982901636850519498366719937102255167747525213524582543231311411567050n,
} as const;
export const SLOPE = 16762876435069652057040745353149335732737639370712691103751456512640640292939n;
export const OFFSET =
  12339646584874643187137867264127628015021341456920336050276766731484668174529n;
export const ROOT_OF_A =
  14673962723734255200314198873237586429337747973199041533368185129026308523766n;

const COFACTOR = 8n;

/**
 * Whether a point of Baby Jubjub lies in its subgroup of prime order, in a tenth of the time that
 * multiplying it by that order takes.
 *
 * The curve's points of order 8 are multiples of one T, and r - 1 is divisible by 8: so the Tate
 * pairing of T and P is 1 exactly if P is 8 times another point, which is what the subgroup is. Its
 * Miller function is
 *
 *     f = l⁴ · m² / ((u - 1)⁴ · u)      l, m: the tangents at T and at 2T
 *
 * and the pairing is f(P)^((r-1)/8). Whatever is an eighth power falls away there, so that f and
 * the way from (x, y) to (u, v) need no division. Points at which a line vanishes have small order,
 * and are told by 0.
 *
 * @param x, y - on the curve, and not its zero (0, 1).
 * @source Koshelev: Subgroup membership testing on elliptic curves via the Tate pairing,
 * https://eprint.iacr.org/2022/037; the tests hold it to the multiplication by the order
 */
export function isInPrimeSubgroup(x: bigint, y: bigint): boolean {
  // u = n/d and v = (1 + y)/d.
  const [n, d] = [Fp.mul(1n + y, x), Fp.mul(FIELD_ORDER + 1n - y, x)];
  const l = 1n + y - SLOPE * n - OFFSET * d;
  const m = 1n + y - ROOT_OF_A * n;
  const lines = Fp.mul(Fp.sqr(Fp.mul(Fp.create(l), 2n * x * y)), Fp.create(m));
  const value = Fp.mul(Fp.sqr(lines), Fp.pow(Fp.mul(n, d), COFACTOR - 1n));
  return Fp.pow(value, (FIELD_ORDER - 1n) / COFACTOR) === 1n;
}
