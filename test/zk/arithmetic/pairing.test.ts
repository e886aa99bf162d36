import type { Curve } from 'ffjavascript';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import {
  BN_PARAMETER,
  isInSubgroup,
  TWIST_X,
  TWIST_Y,
} from '../../../src/zk/arithmetic/pairing-subgroup.js';
import { COORDINATE_ORDER, parsePoint1 } from '../../../src/zk/arithmetic/point.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { requireVerificationKey } from '../../../src/zk/verification-key.js';
import { pairingKeyOf, sumOfIc } from '../../../src/zk/verify/pairing-key.js';
import { anyPoint2, cofactorPoint, type Point2, TWO, twistPoint } from '../corpus/points.js';
import { randomOf } from '../corpus/random.js';

const SEED = 20_261_125;
const policy = { production: false, allowDevelopmentKeys: false };
const [x, q, r] = [BN_PARAMETER, COORDINATE_ORDER, FIELD_ORDER];
/** Points of the twist: r times the cofactor. */
const TWIST_ORDER = r * (2n * q - r);
/**
 * The smallest prime of the cofactor: who sends points of this order is right once in 10,069
 * guesses.
 */
const SMALL_ORDER = 10_069n;

let curve: Curve;
beforeAll(async () => {
  curve = await verifyingCurve();
});

describe("the subgroup's equation", () => {
  // In Z[ψ], where ψ² = tψ - q, the equation is f(ψ) = (x+1) + xψ + xψ² - 2xψ³ = a + bψ.
  const trace = 6n * x * x + 1n;
  const square = [-q, trace] as const;
  const cube = [-q * trace, trace * trace - q] as const;
  const a = x + 1n + x * square[0] - 2n * x * cube[0];
  const b = x + x * square[1] - 2n * x * cube[1];

  test('kills no point of the twist but those of order r', () => {
    const norm = a * a + a * b * trace + b * b * q;
    expect(TWIST_ORDER % SMALL_ORDER).toBe(0n);
    expect(greatestCommonDivisor(norm, TWIST_ORDER)).toBe(r);
    // So that the points of order r are one cyclic group.
    expect(greatestCommonDivisor(TWIST_ORDER / r, r)).toBe(1n);
  });

  test('kills all of the subgroup, where ψ is multiplication by q', () => {
    expect((a + b * q) % r).toBe(0n);
  });

  test('is about this curve: q and r are what the parameter makes', () => {
    expect(36n * x ** 4n + 36n * x ** 3n + 24n * x ** 2n + 6n * x + 1n).toBe(q);
    expect(q + 1n - trace).toBe(r);
    const { F2 } = curve;
    const toThe = (exponent: bigint) => power(F2.fromObject([9n, 1n]), exponent);
    expect(F2.eq(toThe((q - 1n) / 3n), F2.fromObject(TWIST_X))).toBe(true);
    expect(F2.eq(toThe((q - 1n) / 2n), F2.fromObject(TWIST_Y))).toBe(true);
  });
});

describe('a point of the twist', () => {
  const random = randomOf(SEED);
  const small = () => times(twistPoint(random), TWIST_ORDER / SMALL_ORDER);
  test.each<[string, boolean, () => Point2]>([
    ['the generator', true, () => TWO.BASE],
    ['a multiple of it', true, () => anyPoint2(random)],
    ['any point', false, () => twistPoint(random)],
    ['a point of the cofactor', false, () => cofactorPoint(random)],
    ['a point of the smallest order', false, small],
    ['one of the subgroup moved by that', false, () => anyPoint2(random).add(small())],
  ])(`is told as r·P = 0 tells it, from seed ${SEED}: %s`, (_name, isInside, make) => {
    for (let i = 0; i < 8; i += 1) {
      const { x: px, y: py } = make().toAffine();
      const point = curve.G2.fromObject([
        [px.c0, px.c1],
        [py.c0, py.c1],
      ]);
      expect(curve.G2.isZero(curve.G2.timesScalar(point, r))).toBe(isInside);
      expect(isInSubgroup(curve, point)).toBe(isInside);
    }
  });
});

describe('the sum of IC', () => {
  test.each<[string, readonly bigint[]]>([
    ['nothing', [0n, 0n, 0n, 0n, 0n, 0n, 0n]],
    ['one of each', [1n, 1n, 1n, 1n, 1n, 1n, 1n]],
    ['the largest scalars', [r - 1n, r - 1n, r - 1n, r - 1n, r - 1n, r - 1n, r - 1n]],
    ['of several sizes', [1n, 15n, 16n, 0n, 2n ** 200n + 7n, r / 3n, 0xffff_ffffn]],
    ['too few scalars', [3n]],
  ])('is the sum that the library makes: %s', async (_name, scalars) => {
    const { json } = await loadVerificationKey('consent', policy);
    const key = requireVerificationKey(curve, json);
    const { G1 } = curve;
    const expected = scalars.reduce((sum, scalar, i) => {
      const point = parsePoint1(curve, (key.IC as unknown[])[i]);
      return G1.add(sum, G1.timesScalar(point, scalar));
    }, G1.zero);
    expect(G1.eq(sumOfIc(curve, pairingKeyOf(curve, key), scalars), expected)).toBe(true);
  });
});

function greatestCommonDivisor(first: bigint, second: bigint): bigint {
  return second === 0n ? first : greatestCommonDivisor(second, first % second);
}

function power(base: Uint8Array, exponent: bigint): Uint8Array {
  const { F2 } = curve;
  let result = F2.one;
  for (const bit of exponent.toString(2)) {
    result = F2.mul(result, result);
    if (bit === '1') result = F2.mul(result, base);
  }
  return result;
}

/** Written out, because the other implementation takes no scalar of r or more. */
function times(point: Point2, scalar: bigint): Point2 {
  let result = TWO.ZERO;
  for (const bit of scalar.toString(2)) {
    result = result.double();
    if (bit === '1') result = result.add(point);
  }
  return result;
}
