import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERIAL_LIMIT, serialOf, serialParts } from '../../src/zk/serial.js';

const refused = expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' });
const parts = fc.record({
  seconds: fc.integer({ min: 0, max: 2 ** 35 - 1 }),
  device: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  counter: fc.integer({ min: 0, max: 2 ** 12 - 1 }),
});

describe('a serial', () => {
  test('is seconds, device and counter, and gives them back', () => {
    expect(serialOf({ seconds: 1, device: 2, counter: 3 })).toBe((1n << 28n) + (2n << 12n) + 3n);
    fc.assert(
      fc.property(parts, (given) => {
        expect(serialParts(serialOf(given))).toEqual(given);
      }),
      { seed: 20_261_130 },
    );
  });

  test('grows with time, whatever the devices', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        fc.pre(one.seconds < other.seconds);
        expect(serialOf(one)).toBeLessThan(serialOf(other));
      }),
      { seed: 20_261_130 },
    );
  });

  test('has 63 bits, all of them used', () => {
    const last = { seconds: 2 ** 35 - 1, device: 2 ** 16 - 1, counter: 2 ** 12 - 1 };
    expect(serialOf(last)).toBe(SERIAL_LIMIT - 1n);
    expect(() => serialParts(SERIAL_LIMIT)).toThrow(refused);
    expect(() => serialParts(-1n)).toThrow(refused);
  });

  test.each([
    ['seconds', 2 ** 35],
    ['device', 2 ** 16],
    ['counter', 2 ** 12],
    ['seconds', -1],
    ['device', 0.5],
    ['counter', Number.NaN],
  ])('takes no %s of %s, which would run into its neighbour', (name, value) => {
    const part = { seconds: 1, device: 1, counter: 1, [name]: value };
    expect(() => serialOf(part)).toThrow(refused);
  });
});
