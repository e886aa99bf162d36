import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCivilDate } from '../../src/core/calendar.js';
import { fhirTimeFault, parseFhirTime } from '../../src/core/fhir-time.js';
import { isoFromSeconds } from '../../src/core/time.js';

const refusal = (code: string) => expect.objectContaining({ code });
const told = (text: string) => {
  const { from, until } = parseFhirTime(text);
  return [isoFromSeconds(from), isoFromSeconds(until)];
};

/** Days of a month by the rule in words: another way than the code's, which asks Date. */
function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

const padded = (number: number, digits = 2) => String(number).padStart(digits, '0');
const civil = (year: number, month: number, day: number) =>
  `${padded(year, 4)}-${padded(month)}-${padded(day)}`;

describe('a FHIR date', () => {
  test.each([
    ['1900', '1900-01-01T00:00:00.000Z', '1901-01-01T00:00:00.000Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2020-06-01T00:00:00+14:00', '2020-05-31T10:00:00.000Z', '2020-05-31T10:00:01.000Z'],
    ['2021-05-06T07:08:09-00:00', '2021-05-06T07:08:09.000Z', '2021-05-06T07:08:10.000Z'],
    ['2020-01-01T00:00:00.123456789012Z', '2020-01-01T00:00:00.000Z', '2020-01-01T00:00:01.000Z'],
    // A leap second is of its own day: it is counted as the second before it.
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T00:59:60+01:00', '2016-12-31T23:59:59.000Z', '2017-01-01T00:00:00.000Z'],
    ['9999', '9999-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31', '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z', '9999-12-31T23:59:59.999Z'],
  ])('%s lasts from %s until %s', (text, from, until) => {
    expect(told(text)).toEqual([from, until]);
  });

  test.each([
    ...['0001', '0050-06-01', '0099-12-31T23:59:59Z', '1850-01-01', '1899-12', '1899-12-31'],
    ...['1900-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01'],
  ])('%s is one, and cannot be stored', (text) => {
    expect(fhirTimeFault(text)).toBeUndefined();
    expect(() => parseFhirTime(text)).toThrow(refusal('TIME_OUT_OF_RANGE'));
  });

  test.each(['2012-06-30T23:59:60Z', '2012-07-01T05:29:60.5+05:30', '2012-06-30T14:59:60-09:00'])(
    '%s has a leap second',
    (text) => {
      expect(fhirTimeFault(text)).toBeUndefined();
    },
  );

  test.each([
    ...['2016-12-31T12:00:60Z', '2016-12-31T23:58:60Z', '2016-12-30T23:59:60Z'],
    ...['2016-12-31T23:59:60+01:00', '2017-01-01T00:59:60Z', '2016-03-31T23:59:60Z'],
  ])('%s has one where none can be', (text) => {
    expect(fhirTimeFault(text)).toBe('has a leap second where none can be');
    expect(() => parseFhirTime(text)).toThrow(refusal('BAD_INPUT'));
  });

  test.each([
    ...['2015-02-29', '1900-02-29', '2020-02-30', '2020-04-31', '2020-02-30T10:00:00Z'],
    ...['2020-13-01', '2020-00-00', '2020-01-00', '0000-01-01', '0000'],
  ])('%s is no day of the calendar', (text) => {
    expect(fhirTimeFault(text)).toBe('is no day of the calendar');
    expect(() => parseFhirTime(text)).toThrow(refusal('BAD_INPUT'));
  });

  test.each(['2020-01-01T10:00:00', '2020-12-31T22:00:00.5', '2020-01-01T10:00'])(
    '%s is a time without a zone',
    (text) => {
      expect(fhirTimeFault(text)).toBe('is a time without a zone');
      expect(() => parseFhirTime(text)).toThrow(refusal('BAD_INPUT'));
    },
  );

  test.each([
    ...['2020-01-01T24:00:00Z', '2020-01-01T10:00Z', '2020-06-01T00:00:00+14:30', '2020-1-1'],
    ...['2020-01-01t00:00:00z', '2020-01-01Z', '2020-01-01T10:61:00Z', '2020-01-01T10:00:61Z'],
    ...[' 2020-01-01', '2020-01-01 10:00:00Z', '20200101', '+002020-01-01', 'soon', ''],
  ])('%j is none', (text) => {
    expect(fhirTimeFault(text)).toBe('is no FHIR date');
    expect(() => parseFhirTime(text)).toThrow(refusal('BAD_INPUT'));
  });

  test('is one for exactly the days that the calendar has', () => {
    const any = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(any(1, 9_999), any(0, 14), any(0, 33), (year, month, day) => {
        const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
        const text = civil(year, month, day);
        expect(fhirTimeFault(text) === undefined).toBe(exists);
        expect(fhirTimeFault(`${text}T12:00:00+05:30`) === undefined).toBe(exists);
        expect(isCivilDate(text)).toBe(exists);
      }),
      { seed: 1_900, numRuns: 500 },
    );
  });

  test('begins where the one before it ends, from 1900 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_900, max: 9_998 }), (year) => {
        expect(parseFhirTime(padded(year, 4)).until).toBe(parseFhirTime(padded(year + 1, 4)).from);
        const last = parseFhirTime(civil(year, 2, daysIn(year, 2)));
        expect(last.until).toBe(parseFhirTime(`${padded(year, 4)}-03`).from);
      }),
      { seed: 1_900 },
    );
  });
});

test('no time depends on the time zone of the process', () => {
  const script = `
    import { parseFhirTime, fhirTimeFault } from './dist/core/fhir-time.js';
    import { secondsFromIso, isoFromSeconds, yearStart } from './dist/core/time.js';
    const texts = ['2020', '2020-07', '2020-12-31', '2020-12-31T22:00:00Z', '2020-07-01T00:30:00-04:00'];
    const refused = ['2020-12-31T22:00:00', '2020-07-01T00:00:00.5'].map((text) => {
      try { return secondsFromIso(text); } catch (thrown) { return [thrown.code, fhirTimeFault(text)]; }
    });
    const offset = new Date(2020, 6, 1).getTimezoneOffset();
    const told = [texts.map((text) => parseFhirTime(text)), refused, isoFromSeconds(5), yearStart(2020)];
    process.stdout.write(JSON.stringify({ offset, told }));`;
  const inZone = (TZ: string) =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      }),
    ) as { readonly offset: number; readonly told: unknown };
  const zones = ['UTC', 'America/New_York', 'Pacific/Kiritimati'].map(inZone);
  expect(new Set(zones.map(({ offset }) => offset)).size).toBe(3);
  for (const { told: one } of zones) expect(one).toEqual(zones[0]?.told);
  expect(JSON.stringify(zones[0]?.told)).toContain('is a time without a zone');
});
