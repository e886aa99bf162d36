import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOf } from '../../src/core/clock.js';
import {
  covers,
  hasNoEnd,
  isoFromSeconds,
  MAX_TIME_SECONDS,
  NO_END_SECONDS,
  secondsFromIso,
  secondsFromUnixMs,
  toPeriod,
  UNWRITABLE_SECONDS,
  unixMsFromSeconds,
  withOneEnd,
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
    ['2026-02-30', 'BAD_INPUT'],
    ['2026-02-30T00:00:00Z', 'BAD_INPUT'],
    ['2026-03-01T12:00:00', 'BAD_INPUT'],
    ['2026-03-01 12:00:00Z', 'BAD_INPUT'],
    ['March 1, 2026', 'BAD_INPUT'],
    ['0050-01-01', 'TIME_OUT_OF_RANGE'],
    ['9999-12-31T23:59:59-14:00', 'TIME_OUT_OF_RANGE'],
  ])('%s is refused', (iso, code) => {
    expect(() => secondsFromIso(iso)).toThrow(refusal(code));
  });

  test('and Unix milliseconds are one another, down to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: UNWRITABLE_SECONDS }), (seconds) => {
        expect(secondsFromUnixMs(unixMsFromSeconds(seconds) + 999)).toBe(seconds);
        expect(isoFromSeconds(seconds)).toMatch(/^\d{4}-/);
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

describe('the one end of time', () => {
  test('is the last day that is written with four digits of year', () => {
    expect(isoFromSeconds(NO_END_SECONDS)).toBe('9999-12-31T00:00:00.000Z');
    expect(unixMsFromSeconds(UNWRITABLE_SECONDS)).toBe(Date.parse('+010000-01-01T00:00:00Z'));
  });

  test.each([UNWRITABLE_SECONDS - 1, UNWRITABLE_SECONDS, UNWRITABLE_SECONDS + 1, MAX_TIME_SECONDS])(
    '%d never prints as the year 10000',
    (seconds) => {
      expect(isoFromSeconds(seconds)).toMatch(/^9999-12-31T23:59:59/);
    },
  );

  test.each([
    ['9999-12-30T23:59:59Z', false],
    ['9999-12-31', true],
    ['9999-12-31T23:59:59Z', true],
  ])('a period until %s has none: %s', (iso, expected) => {
    const until = secondsFromIso(iso);
    expect(hasNoEnd(until)).toBe(expected);
    expect(withOneEnd({ from: 5, until }).until).toBe(expected ? NO_END_SECONDS : until);
    expect(covers({ from: 0, until }, { from: 0, until: UNWRITABLE_SECONDS })).toBe(expected);
  });

  test('leaves no period empty', () => {
    const last = { from: NO_END_SECONDS, until: UNWRITABLE_SECONDS };
    expect(withOneEnd(last)).toEqual(last);
  });
});
