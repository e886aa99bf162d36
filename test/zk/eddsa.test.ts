import { babyjubjub } from '@noble/curves/misc.js';
import { buildEddsa, buildPoseidon } from 'circomlibjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isInPrimeSubgroup,
  OFFSET,
  POINT_OF_ORDER_8,
  ROOT_OF_A,
  SLOPE,
} from '../../src/zk/arithmetic/eddsa-subgroup.js';
import { FIELD_ORDER } from '../../src/zk/arithmetic/field.js';
import {
  eddsaPublicKey,
  eddsaScalar,
  requireEddsa,
  requireEddsaPublicKey,
  signEddsa,
} from '../../src/zk/eddsa.js';
import { poseidon } from '../../src/zk/poseidon/poseidon.js';

// The oracle is circomlibjs, the implementation that circomlib's own tests are written against.
const oracle = await buildEddsa();
const oraclePoseidon = await buildPoseidon();
const SUBGROUP_ORDER =
  2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const refused = expect.objectContaining({ code: 'SIGNATURE_INVALID' });

const SEED = 20_261_126;
const { Point } = babyjubjub;
const { Fp } = Point;
/** 0 to 7 times the point of order 8. */
const torsion = torsionPoints();

const seeds = [1, 7, 255].map((byte) => new Uint8Array(32).fill(byte));
const messages = [0n, 1n, FIELD_ORDER - 1n, 123456789n << 190n];

function oracleSignature(seed: Uint8Array, message: bigint) {
  const { R8, S } = oracle.signPoseidon(seed, oracle.F.e(message));
  return { r8x: oracle.F.toObject(R8[0]), r8y: oracle.F.toObject(R8[1]), s: S };
}

describe('poseidon', () => {
  test.each([1, 2, 3, 5, 7, 13, 16])('equals circomlibjs for %i inputs', (count) => {
    const inputs = Array.from({ length: count }, (_, i) => (FIELD_ORDER - 1n) / BigInt(i + 1));
    const bytes = new Uint8Array(32 * count);
    inputs.forEach((input, i) => {
      bytes.set(oraclePoseidon.F.e(input), 32 * i);
    });
    expect(poseidon(inputs)).toBe(oraclePoseidon.F.toObject(oraclePoseidon(bytes)));
  });

  test("gives the published hash of [1, 2] (circomlibjs's own test vector)", () => {
    expect(poseidon([1n, 2n])).toBe(
      7853200120776062878684798364095072458815029376092732009249414926327459813530n,
    );
  });

  test.each([-1n, FIELD_ORDER])('refuses %s, which would wrap', (value) => {
    expect(() => poseidon([value])).toThrow(
      expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' }),
    );
  });
});

describe('EdDSA-Poseidon', () => {
  test.each(seeds.map((seed) => ({ seed })))(
    'derives the public key that circomlibjs derives (seed %#)',
    ({ seed }) => {
      const [ax, ay] = oracle.prv2pub(seed).map((c) => oracle.F.toObject(c));
      expect(eddsaPublicKey(seed)).toEqual({ ax, ay });
    },
  );

  test.each(messages)('signs %s exactly as circomlibjs does, and verifies it', (message) => {
    for (const seed of seeds) {
      const signature = signEddsa(seed, message);
      expect(signature).toEqual(oracleSignature(seed, message));
      requireEddsa(eddsaPublicKey(seed), message, signature);
    }
  });

  const [seed] = seeds as [Uint8Array];
  const key = eddsaPublicKey(seed);
  const good = signEddsa(seed, 42n);

  test('refuses another message, another key and a changed signature', () => {
    expect(() => requireEddsa(key, 43n, good)).toThrow(refused);
    expect(() => requireEddsa(eddsaPublicKey(new Uint8Array(32).fill(2)), 42n, good)).toThrow(
      refused,
    );
    expect(() => requireEddsa(key, 42n, { ...good, s: good.s - 1n })).toThrow(refused);
    expect(() => requireEddsa(key, 42n, { ...good, r8x: FIELD_ORDER - good.r8x })).toThrow(refused);
  });

  test('refuses s plus the subgroup order, the same signature in other digits', () => {
    expect(() => requireEddsa(key, 42n, { ...good, s: good.s + SUBGROUP_ORDER })).toThrow(refused);
  });

  test('refuses coordinates that are not reduced', () => {
    expect(() => requireEddsa({ ...key, ax: key.ax + FIELD_ORDER }, 42n, good)).toThrow(refused);
  });

  test('refuses a signature that its own signer made over an R8 outside the subgroup', () => {
    const nonce = 5n;
    const secret = 8n * eddsaScalar(seed);
    for (const [i, by] of torsion.entries()) {
      const { x: r8x, y: r8y } = Point.BASE.multiply(nonce).add(by).toAffine();
      const h = poseidon([r8x, r8y, key.ax, key.ay, 42n]);
      const made = { r8x, r8y, s: (nonce + h * secret) % SUBGROUP_ORDER };
      const requiring = () => requireEddsa(key, 42n, made);
      if (i === 0) requiring();
      else expect(requiring).toThrow(refused);
    }
  });

  test('refuses an R8 that is the zero point', () => {
    const h = poseidon([0n, 1n, key.ax, key.ay, 42n]);
    const s = (h * 8n * eddsaScalar(seed)) % SUBGROUP_ORDER;
    expect(() => requireEddsa(key, 42n, { r8x: 0n, r8y: 1n, s })).toThrow(refused);
  });

  test.each<readonly [string, bigint, bigint]>([
    ['the zero point', 0n, 1n],
    ['the point of order two', 0n, FIELD_ORDER - 1n],
    ['a point off the curve', 1n, 1n],
    ['minus a key (on the curve) moved by the point of order two', key.ax, FIELD_ORDER - key.ay],
    ...torsion.slice(1).map((by, i) => {
      const { x, y } = Point.fromAffine({ x: key.ax, y: key.ay }).add(by).toAffine();
      return [`a key moved by ${i + 1} times the point of order 8`, x, y] as const;
    }),
  ])('refuses as a key %s', (_name, ax, ay) => {
    expect(() => requireEddsaPublicKey({ ax, ay })).toThrow(refused);
    expect(() => requireEddsa({ ax, ay }, 42n, good)).toThrow(refused);
  });
});

describe('the subgroup of prime order', () => {
  const { u, v } = POINT_OF_ORDER_8;

  test("is told by a point of order 8, its tangent and its double's", () => {
    const A = 168_698n;
    expect(Fp.create(v * v - u ** 3n - A * u * u - u)).toBe(0n);
    expect(torsion[4]?.toAffine()).toEqual({ x: 0n, y: FIELD_ORDER - 1n });
    expect(Fp.create(ROOT_OF_A * ROOT_OF_A)).toBe(Point.CURVE().a);
    expect(Fp.create(SLOPE * 2n * v)).toBe(Fp.create(3n * u * u + 2n * A * u + 1n));
    expect(Fp.create(SLOPE * u + OFFSET)).toBe(v);
    // 2T = (1, √a): the tangent at T meets the curve there again, mirrored.
    expect(Fp.create(SLOPE * SLOPE - A - 2n * u)).toBe(1n);
    expect(Fp.create(-SLOPE - OFFSET)).toBe(ROOT_OF_A);
    expect((FIELD_ORDER - 1n) % 8n).toBe(0n);
  });

  test(`is told as by multiplying with its order, in every coset, from seed ${SEED}`, () => {
    const scalar = fc.bigInt({ min: 1n, max: SUBGROUP_ORDER - 1n });
    fc.assert(
      fc.property(scalar, fc.nat({ max: 7 }), (multiple, coset) => {
        const point = Point.BASE.multiplyUnsafe(multiple).add(torsion[coset] ?? Point.ZERO);
        const { x, y } = point.toAffine();
        expect(isInPrimeSubgroup(x, y)).toBe(point.isTorsionFree());
        expect(isInPrimeSubgroup(x, y)).toBe(coset === 0);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('has none of the seven points of small order', () => {
    for (const point of torsion.slice(1)) {
      const { x, y } = point.toAffine();
      expect(isInPrimeSubgroup(x, y)).toBe(false);
    }
  });
});

function torsionPoints() {
  const { u, v } = POINT_OF_ORDER_8;
  const point = Point.fromAffine({ x: Fp.div(u, v), y: Fp.div(u - 1n, u + 1n) });
  const points = [Point.ZERO];
  for (let i = 1; i < 8; i += 1) points.push((points.at(-1) ?? point).add(point));
  return points;
}
