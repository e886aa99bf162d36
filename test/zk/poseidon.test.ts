import fc from 'fast-check';
import { poseidon2 } from 'poseidon-lite';
import { describe, expect, test } from 'vitest';
import { FIELD_ORDER } from '../../src/zk/field.js';
import { hashPairs } from '../../src/zk/poseidon.js';

const SEED = 20261125;
const outOfRange = expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' });
const element = fc.oneof(
  fc.constantFrom(0n, 1n, FIELD_ORDER - 1n),
  fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }),
);

function bytesOf(values: readonly bigint[]): Uint8Array {
  return Uint8Array.from(
    Buffer.from(values.map((value) => value.toString(16).padStart(64, '0')).join(''), 'hex'),
  );
}

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

  test('reads a part of a larger buffer, and leaves it as it was', () => {
    const all = bytesOf([7n, 1n, 2n, 7n]);
    const before = all.slice();
    expect(hashPairs(all.subarray(32, 96))).toEqual(bytesOf([poseidon2([1n, 2n])]));
    expect(all).toEqual(before);
  });

  test('takes half a pair for a fault of ours', () => {
    expect(() => hashPairs(new Uint8Array(32))).toThrow(
      expect.not.objectContaining({ code: expect.anything() }),
    );
  });
});
