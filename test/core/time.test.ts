import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOf } from '../../src/core/clock.js';
import {
  covers,
  isoFromSeconds,
  MAX_TIME_SECONDS,
  NO_END_SECONDS,
  secondsFromIso,
  secondsFromUnixMs,
  toPeriod,
  unixMsFromSeconds,
} from '../../src/core/time.js';

const refusal = (code: string) => expect.objectContaining({ code });

describe('seconds since 1900', () => {
  test.each([
    ['1900-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00Z', 2_208_988_800],
    ['1972-01-01T00:00:00Z', 2_272_060_800], // RFC 868 gives this number
    ['2026-03-01T13:00:00+01:00', secondsFromIso('2026-03-01T12:00:00Z')],
  ])('%s is %i', (iso, seconds) => {
    expect(secondsFromIso(iso)).toBe(seconds);
  });

  test.each([
    ['1899-12-31T23:59:59Z', 'TIME_OUT_OF_RANGE'],
    ['+037000-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
    ['yesterday', 'BAD_INPUT'],
  ])('%s is refused', (iso, code) => {
    expect(() => secondsFromIso(iso)).toThrow(refusal(code));
  });

  test('and Unix milliseconds are one another, down to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_TIME_SECONDS }), (seconds) => {
        expect(secondsFromUnixMs(unixMsFromSeconds(seconds) + 999)).toBe(seconds);
        expect(secondsFromIso(isoFromSeconds(seconds))).toBe(seconds);
      }),
      { seed: 1900 },
    );
  });

  test('are what a clock tells rules', () => {
    expect(clockOf(() => 1_999).nowSeconds()).toBe(2_208_988_801);
  });
});

describe('a period', () => {
  test('holds its beginning and not its end', () => {
    expect(toPeriod(1, 2)).toEqual({ from: 1, until: 2 });
    expect(() => toPeriod(2, 2)).toThrow(refusal('PERIOD_EMPTY'));
    expect(() => toPeriod(3, 2)).toThrow(refusal('PERIOD_EMPTY'));
    expect(() => toPeriod(Number.NaN, 2)).toThrow(refusal('PERIOD_EMPTY'));
  });

  test.each([
    [{ from: 5, until: 9 }, true],
    [{ from: 6, until: 8 }, true],
    [{ from: 4, until: 9 }, false],
    [{ from: 5, until: 10 }, false],
  ])('of 5 to 9 covers %o: %s', (inner, expected) => {
    expect(covers({ from: 5, until: 9 }, inner)).toBe(expected);
  });
});

test('what stands for no end is the last day that is written with four digits of year', () => {
  expect(isoFromSeconds(NO_END_SECONDS)).toBe('9999-12-31T00:00:00.000Z');
  expect(isoFromSeconds(NO_END_SECONDS + 86_400)).not.toMatch(/^\d{4}-/);
});
