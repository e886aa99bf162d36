import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFhirTime } from '../../../src/core/fhir-time.js';
import {
  ANY_TIME,
  type Period,
  secondsFromIso,
  UNWRITABLE_SECONDS,
} from '../../../src/core/time.js';
import {
  coarsenDates,
  datesIn,
  datesSpan,
  oldestShownYear,
  wholeYearsIn,
  yearPeriod,
} from '../../../src/records/deidentify/coarse-date.js';
import { placeByYears } from '../../../src/records/import/place-by-years.js';
import type { ConditionContent } from '../../../src/records/kinds/condition.js';
import { momentOf } from '../../../src/records/model/model.js';

const SEED = 20_261_126;
const at = (iso: string) => secondsFromIso(iso);
const instant = (iso: string): Period => parseFhirTime(iso);

describe('without its exact date', () => {
  test('whatever kind of record holds a date, under whatever name and however deep, tells its year', () => {
    const content = {
      recorded: '2024-05-06',
      performed: instant('2024-05-06T07:08:09Z'),
      notYetThoughtOf: [{ deeper: { when: '2023-02' } }, { span: instant('2023-11-30') }],
      text: '2022-03-04T05:06:07+02:00',
    };
    expect(coarsenDates(content)).toEqual({
      recorded: '2024',
      performed: yearPeriod(2_024),
      notYetThoughtOf: [{ deeper: { when: '2023' } }, { span: yearPeriod(2_023) }],
      text: '2022',
    });
  });

  test('no text longer than a year and no moment within a year is left, in any shape', () => {
    console.log(`coarsenDates: seed ${SEED}`);
    const date = fc
      .date({
        min: new Date('1901-01-01T00:00:00Z'),
        max: new Date('2090-12-31T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((day) => day.toISOString());
    const civil = fc.tuple(date, fc.constantFrom(4, 7, 10, 24)).map(([d, n]) => d.slice(0, n));
    const period = fc
      .tuple(date, fc.integer({ min: 1, max: 10 ** 9 }))
      .map(([d, length]) => ({ from: at(d), until: at(d) + length }));
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        civil,
        period,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (content) => {
        const told = JSON.stringify(coarsenDates({ content }));
        expect(told).not.toMatch(/"\d{4}-/);
        for (const [, moment] of told.matchAll(/"(?:from|until)":(\d{8,})/g)) {
          const year = yearPeriod(
            new Date((Number(moment) - 2_208_988_800) * 1000).getUTCFullYear(),
          );
          expect(year.from).toBe(Number(moment));
        }
        expect(coarsenDates(JSON.parse(told))).toEqual(JSON.parse(told));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('codes, amounts and lots that look like years are none', () => {
    const content = {
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '1920', display: null }] },
      value: { value: '1921', unit: 'mL', code: 'mL' },
      lot: { gtin: '09521234001012', lot: '1922-01' },
    };
    expect(coarsenDates(content, 1_936)).toEqual(content);
  });

  test("New Year's Eve is not told by the clock of Greenwich beside that of the ward", () => {
    const content = { recorded: '2024-12-31', effective: instant('2024-12-31T23:30:00-05:00') };
    expect(coarsenDates(content)).toEqual({ recorded: '2024', effective: yearPeriod(2_024) });
    const morning = { recorded: '2024-01-01', effective: instant('2024-01-01T00:30:00+09:00') };
    expect(coarsenDates(morning)).toEqual({ recorded: '2024', effective: yearPeriod(2_024) });
  });

  test('what happened over ninety years ago is shown as ninety years ago', () => {
    const oldest = oldestShownYear(Date.parse('2026-06-01T00:00:00Z'));
    expect(oldest).toBe(1_936);
    const content = { onset: '1921-03', span: instant('1919-05-05'), recorded: '1936-12-31' };
    expect(coarsenDates(content, oldest)).toEqual({
      onset: '1936',
      span: yearPeriod(1_936),
      recorded: '1936',
    });
  });

  test('a moment in another form than a civil date or a Period is a bug that shows', () => {
    expect(() => coarsenDates({ seconds: at('2024-05-06T07:08:09Z') })).toThrow();
  });
});

describe('the place of a record by years', () => {
  const content = (change: Partial<ConditionContent>): ConditionContent => ({
    recorded: null,
    partial: [],
    category: [],
    code: { coding: [] },
    clinicalStatus: null,
    verificationStatus: null,
    onset: null,
    abatement: null,
    ...change,
  });

  test('covers every date that leaves, and its moment is that of what leaves', () => {
    const told = content({ recorded: '2021-07-08', onset: '2019-12-31', abatement: '2022-01-01' });
    expect(placeByYears({ content: told, span: parseFhirTime('2021') })).toEqual({
      at: momentOf(coarsenDates(told)),
      from: yearPeriod(2_019).from,
      until: yearPeriod(2_022).until,
    });
  });

  test('without a date is 0 and all time', () => {
    expect(placeByYears({ content: content({}), span: ANY_TIME })).toEqual({ at: 0, ...ANY_TIME });
  });

  test('without an end, or without a start, has none by years either', () => {
    const year = yearPeriod(2_021);
    const { from, until } = parseFhirTime('2021-07-08');
    const open = content({ recorded: '2021-07-08' });
    expect(placeByYears({ content: open, span: { ...ANY_TIME, from } })).toEqual({
      at: year.from,
      from: year.from,
      until: ANY_TIME.until,
    });
    expect(placeByYears({ content: open, span: { ...ANY_TIME, until } })).toEqual({
      at: year.from,
      from: ANY_TIME.from,
      until: year.until,
    });
  });

  test('of the last year that can be written is covered by a window without an end', () => {
    const last = content({ recorded: '9999-06-07' });
    expect(placeByYears({ content: last, span: parseFhirTime('9999-06-07') })).toEqual({
      at: yearPeriod(9_999).from,
      from: yearPeriod(9_999).from,
      until: UNWRITABLE_SECONDS,
    });
  });

  test('of 1900 is not taken for none', () => {
    const old = content({ recorded: '1900-01-01' });
    expect(placeByYears({ content: old, span: parseFhirTime('1900-01-01') }).at).toBeGreaterThan(0);
  });

  test('a span holds civil dates and periods alike', () => {
    expect(datesSpan(datesIn({ a: '2020', b: [instant('2023-01-01')] }))).toEqual({
      from: yearPeriod(2_020).from,
      until: at('2023-01-02T00:00:00Z'),
    });
    expect(datesSpan(datesIn({ a: 'none' }))).toBeUndefined();
  });
});

test.each([
  ['2019-06-01T00:00:00Z', '2022-06-01T00:00:00Z', 2_020, 2_022],
  ['2020-01-01T00:00:00Z', '2022-01-01T00:00:00Z', 2_020, 2_022],
  ['2020-01-01T00:00:01Z', '2020-12-31T00:00:00Z', 2_021, 2_020],
])('the whole years from %s until %s', (from, until, first, next) => {
  const whole = wholeYearsIn({ from: at(from), until: at(until) });
  expect(whole).toEqual({ from: yearPeriod(first).from, until: yearPeriod(next).from });
});

test('the whole years of what has no end have none', () => {
  for (const until of ['9999-12-31T00:00:00Z', '9999-12-31T23:59:59Z'].map(at)) {
    expect(wholeYearsIn({ from: 1, until }).until).toBe(until);
  }
  expect(wholeYearsIn(ANY_TIME)).toEqual(ANY_TIME);
});
