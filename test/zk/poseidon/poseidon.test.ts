import { buildPoseidon } from 'circomlibjs';
import fc from 'fast-check';
import * as lite from 'poseidon-lite';
import { describe, expect, test } from 'vitest';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { hashPairs, poseidon } from '../../../src/zk/poseidon/poseidon.js';

const SEED = 20261125;
const outOfRange = expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' });
const aFault = expect.not.objectContaining({ code: expect.anything() });
const element = fc.oneof(
  fc.constantFrom(0n, 1n, FIELD_ORDER - 1n),
  fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }),
);

// Two oracles: the implementation that circomlib's own tests are written against, and one that
// shares no code with it.
const circomlibjs = await buildPoseidon();
const { poseidon2 } = lite;

function ofCircomlibjs(inputs: readonly bigint[]): bigint {
  const elements = inputs.map((input) => circomlibjs.F.e(input));
  return circomlibjs.F.toObject(circomlibjs(Uint8Array.from(elements.flatMap((e) => [...e]))));
}

function ofLite(inputs: bigint[]): bigint {
  const byCount = lite as unknown as Record<string, (inputs: bigint[]) => bigint>;
  return byCount[`poseidon${inputs.length}`]?.(inputs) ?? -1n;
}

function bytesOf(values: readonly bigint[]): Uint8Array {
  return Uint8Array.from(
    Buffer.from(values.map((value) => value.toString(16).padStart(64, '0')).join(''), 'hex'),
  );
}

const COUNTS = Array.from({ length: 16 }, (_, i) => i + 1);

describe('poseidon', () => {
  test.each(COUNTS)(`of %i inputs is that of both oracles (seed ${SEED})`, (count) => {
    fc.assert(
      fc.property(fc.array(element, { minLength: count, maxLength: count }), (inputs) => {
        const hash = poseidon(inputs);
        expect(hash).toBe(ofCircomlibjs(inputs));
        expect(hash).toBe(ofLite(inputs));
      }),
      { seed: SEED, numRuns: 15 },
    );
  });

  test.each(COUNTS)('of %i inputs that are all 0, 1 or r - 1 is that of both oracles', (count) => {
    for (const value of [0n, 1n, FIELD_ORDER - 1n]) {
      const inputs: bigint[] = Array(count).fill(value);
      expect(poseidon(inputs)).toBe(ofCircomlibjs(inputs));
      expect(poseidon(inputs)).toBe(ofLite(inputs));
    }
  });

  test.each([
    ['a limb of ones', 2n ** 29n - 1n],
    ['one more than a limb', 2n ** 29n],
    ['a word of ones', 2n ** 64n - 1n],
    ['the lower half', 2n ** 128n - 1n],
    ['all limbs but the last full', 2n ** 232n - 1n],
    ['253 ones', 2n ** 253n - 1n],
  ])('carries through %s', (_, value) => {
    expect(poseidon([value, value])).toBe(ofLite([value, value]));
  });

  test('depends on nothing that was hashed before', () => {
    const first = poseidon([1n, 2n]);
    for (const count of [16, 1, 2, 3]) poseidon(Array(count).fill(FIELD_ORDER - 1n));
    expect(() => poseidon([FIELD_ORDER - 1n, FIELD_ORDER])).toThrow(outOfRange);
    expect(poseidon([1n, 2n])).toBe(first);
  });

  test.each([
    ['r', FIELD_ORDER],
    ['-1', -1n],
    ['2^256, which would be 0 in the bytes', 2n ** 256n],
    ['r + 2^256', FIELD_ORDER + 2n ** 256n],
  ])('refuses %s in any place', (_, value) => {
    for (const inputs of [[value], [1n, value], [value, 1n, 1n]]) {
      expect(() => poseidon(inputs)).toThrow(outOfRange);
    }
  });

  test.each([0, 17])('takes %i inputs for a fault of ours', (count) => {
    expect(() => poseidon(Array(count).fill(0n))).toThrow(aFault);
  });
});

describe('hashPairs', () => {
  test(`hashes each pair as poseidon-lite does (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(element, element), { maxLength: 9 }), (pairs) => {
        const expected = bytesOf(pairs.map(([left, right]) => poseidon2([left, right])));
        expect(hashPairs(bytesOf(pairs.flat()))).toEqual(expected);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  test.each([
    ['the first', 0],
    ['the middle one', 5],
    ['the last', 9],
  ])('refuses the field order as %s of ten elements', (_, position) => {
    const values: bigint[] = Array(10).fill(FIELD_ORDER - 1n);
    values[position] = FIELD_ORDER;
    expect(() => hashPairs(bytesOf(values))).toThrow(outOfRange);
  });

  test('refuses 2^256 - 1', () => {
    expect(() => hashPairs(new Uint8Array(64).fill(255))).toThrow(outOfRange);
  });

  test.each([1, 2, 3])('a refusal leaves nothing behind that %i pairs could meet', (count) => {
    const good = bytesOf(Array(2 * count).fill(5n));
    const hash = poseidon2([5n, 5n]);
    expect(() => hashPairs(new Uint8Array(64 * 10).fill(255))).toThrow(outOfRange);
    expect(hashPairs(good)).toEqual(bytesOf(Array(count).fill(hash)));
  });

  test('hashes more than it takes in at once, odd numbers of pairs too', () => {
    const values = Array.from({ length: 2 * 1025 }, (_, i) => BigInt(i) << 230n);
    const hashes = hashPairs(bytesOf(values));
    expect(hashes).toHaveLength(1025 * 32);
    for (const i of [0, 1, 511, 512, 1023, 1024]) {
      const expected = poseidon2(values.slice(2 * i, 2 * i + 2));
      expect(hashes.subarray(32 * i, 32 * i + 32)).toEqual(bytesOf([expected]));
    }
  });

  test('reads a part of a larger buffer, and leaves it as it was', () => {
    const all = bytesOf([7n, 1n, 2n, 7n]);
    const before = all.slice();
    expect(hashPairs(all.subarray(32, 96))).toEqual(bytesOf([poseidon2([1n, 2n])]));
    expect(all).toEqual(before);
  });

  test('gives hashes that no later call changes', () => {
    const first = hashPairs(bytesOf([1n, 2n]));
    hashPairs(bytesOf([3n, 4n]));
    expect(first).toEqual(bytesOf([poseidon2([1n, 2n])]));
  });

  test('takes half a pair for a fault of ours', () => {
    expect(() => hashPairs(new Uint8Array(32))).toThrow(
      expect.not.objectContaining({ code: expect.anything() }),
    );
  });
});
