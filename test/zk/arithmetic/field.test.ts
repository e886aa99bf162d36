import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FIELD_ORDER,
  fieldOf,
  fieldOfBytes,
  parseCanonicalDecimal,
  randomField,
  toField,
} from '../../../src/zk/arithmetic/field.js';

const refused = expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' });

describe('a field element', () => {
  test('of a text is the first 31 bytes of its SHA-256, by node:crypto', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const digest = createHash('sha256').update(text, 'utf8').digest('hex');
        expect(fieldOf(text)).toBe(BigInt(`0x${digest.slice(0, 62)}`));
      }),
      { seed: 1900 },
    );
  });

  test.each([-1n, FIELD_ORDER])('is not %s', (value) => {
    expect(() => toField(value)).toThrow(refused);
  });

  test('goes to decimal and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }), (value) => {
        expect(parseCanonicalDecimal(value.toString())).toBe(value);
      }),
      { seed: 1900 },
    );
  });

  test.each(['', '00', '01', '+1', '-1', ' 1', '1 ', '1.0', '1e3', '0x1', '١', `${FIELD_ORDER}`])(
    'has not the text %j',
    (text) => {
      expect(() => parseCanonicalDecimal(text)).toThrow(refused);
    },
  );

  test('has not a text of a million digits, which is refused unparsed', () => {
    expect(() => parseCanonicalDecimal('9'.repeat(1_000_000))).toThrow(refused);
  });

  test('is not made of 32 bytes', () => {
    expect(() => fieldOfBytes(new Uint8Array(32))).toThrow(refused);
    expect(fieldOfBytes(new Uint8Array(31).fill(255))).toBe(2n ** 248n - 1n);
  });

  test('is fresh each time it is drawn', () => {
    expect(randomField()).not.toBe(randomField());
  });
});
