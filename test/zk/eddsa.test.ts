import { buildEddsa, buildPoseidon } from 'circomlibjs';
import { describe, expect, test } from 'vitest';
import {
  eddsaPublicKey,
  requireEddsa,
  requireEddsaPublicKey,
  signEddsa,
} from '../../src/zk/eddsa.js';
import { FIELD_ORDER } from '../../src/zk/field.js';
import { poseidon } from '../../src/zk/poseidon.js';

// The oracle is circomlibjs, the implementation that circomlib's own tests are written against.
const oracle = await buildEddsa();
const oraclePoseidon = await buildPoseidon();
const SUBGROUP_ORDER =
  2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const refused = expect.objectContaining({ code: 'SIGNATURE_INVALID' });

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

  test.each([
    ['the zero point', 0n, 1n],
    ['the point of order two', 0n, FIELD_ORDER - 1n],
    ['a point off the curve', 1n, 1n],
    ['minus a key (on the curve) moved by the point of order two', key.ax, FIELD_ORDER - key.ay],
  ])('refuses as a key %s', (_name, ax, ay) => {
    expect(() => requireEddsaPublicKey({ ax, ay })).toThrow(refused);
    expect(() => requireEddsa({ ax, ay }, 42n, good)).toThrow(refused);
  });
});
