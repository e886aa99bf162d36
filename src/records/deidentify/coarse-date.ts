import { invariant } from '../../core/errors.js';
import {
  hasNoEnd,
  type Period,
  type Seconds,
  secondsFromIso,
  unixMsFromSeconds,
  yearStart,
} from '../../core/time.js';

/*
 * How dates are shown when the consent does not grant EXACT_DATE: by year, and never a year that
 * shows somebody to be older than OLDEST_SHOWN_YEARS. @source 45 CFR 164.514(b)(2)(i)(C)
 */

/** The greatest age shown: older people are shown as this old. */
export const OLDEST_SHOWN_YEARS = 90;

/** The earliest year that is shown at that moment. Earlier dates are shown as in this year. */
export function oldestShownYear(nowMs: number): number {
  return new Date(nowMs).getUTCFullYear() - OLDEST_SHOWN_YEARS;
}

/** The year as [from, until). */
export function yearPeriod(year: number): Period {
  return { from: yearStart(year), until: yearStart(year + 1) };
}

/** The whole years within a period. If there is none, `from` is not before `until`. */
export function wholeYearsIn({ from, until }: Period): Period {
  const first = yearPeriod(yearOf(from));
  return {
    from: first.from === from ? from : first.until,
    // A period without an end stays so: it has to cover rows without a date.
    until: hasNoEnd(until) ? until : yearStart(yearOf(until)),
  };
}

/**
 * A copy in which every date is reduced to its year: each text that is a civil date or an instant,
 * and each Period. It works for any kind of record, so a new kind needs no change here, and a text
 * that only looks like a date is coarsened too.
 *
 * @param oldestYear - earlier years are shown as this one; by default every year is shown.
 */
export function coarsenDates<Content extends object>(content: Content, oldestYear = 0): Content {
  return coarsenerOf(datesIn(content), oldestYear)(content);
}

/** Like coarsenDates, for parts of a content whose dates are these. */
export function coarsenerOf(dates: Dates, oldestYear = 0): <Part>(part: Part) => Part {
  const how = coarseningOf(dates, oldestYear);
  return <Part>(part: Part) => coarsen(part, how) as Part;
}

/** Every date in a content. */
export interface Dates {
  /** Civil dates and instants, as texts. */
  readonly civil: readonly string[];
  readonly periods: readonly Period[];
}

/**
 * Finds the dates anywhere in a content, except in objects that may hold what only looks like one.
 */
export function datesIn(content: object): Dates {
  const dates = { civil: [], periods: [] };
  gather(content, dates);
  return dates;
}

/** The same dates as coarsenDates shows them. */
export function byYears(dates: Dates, oldestYear: number): Dates {
  const how = coarseningOf(dates, oldestYear);
  return {
    civil: dates.civil.map((text) => coarseText(text, how)),
    periods: dates.periods.map((period) => coarsePeriod(period, how)),
  };
}

/** The period that covers all these dates; undefined if there are none. */
export function datesSpan({ civil, periods }: Dates): Period | undefined {
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const text of civil) {
    const year = Number(text.slice(0, 4));
    from = Math.min(from, yearStart(year));
    until = Math.max(until, yearStart(year + 1));
  }
  for (const period of periods) {
    from = Math.min(from, period.from);
    until = Math.max(until, period.until);
  }
  return from === Number.POSITIVE_INFINITY ? undefined : { from, until };
}

interface Coarsening {
  /** Starts, in UTC, of the civil days in the content, which are told by the source's own clock. */
  readonly days: readonly Seconds[];
  readonly oldestYear: number;
}

function coarseningOf(dates: Dates, oldestYear: number): Coarsening {
  // Days are needed only if there is a moment to compare with them.
  return { days: dates.periods.length === 0 ? [] : civilDaysOf(dates), oldestYear };
}

const CIVIL = /^\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$/;
const DAY = /^\d{4}-\d{2}-\d{2}/;
const HOUR_SECONDS = 3_600;
/** From here on a number can only be a moment: 1 000 000 000 s after 1900 is in 1931. */
const MIN_MOMENT = 1_000_000_000;

function coarsen(value: unknown, how: Coarsening): unknown {
  if (typeof value === 'string') return CIVIL.test(value) ? coarseText(value, how) : value;
  if (typeof value === 'number') {
    invariant(Math.abs(value) < MIN_MOMENT, 'a moment is a civil date or a Period');
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => coarsen(item, how));
  if (typeof value !== 'object' || value === null || isDateless(value)) return value;
  if (isPeriod(value)) return coarsePeriod(value, how);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coarsen(one, how)]));
}

function coarseText(text: string, { oldestYear }: Coarsening): string {
  return String(Math.max(Number(text.slice(0, 4)), oldestYear)).padStart(4, '0');
}

function coarsePeriod({ from, until }: Period, how: Coarsening): Period {
  const shown = (at: Seconds) => yearPeriod(Math.max(yearByClock(at, how.days), how.oldestYear));
  return { from: shown(from).from, until: shown(until - 1).until };
}

/**
 * The year of a moment by the source's own clock. If the moment is already in UTC's next year but
 * the record's civil date is in this one, showing both years would reveal New Year's Eve.
 */
function yearByClock(at: Seconds, days: readonly Seconds[]): number {
  const year = yearOf(at);
  let other: number | undefined;
  for (const start of days) {
    // Time zones range from 12 hours behind UTC to 14 ahead of it.
    if (at < start - 14 * HOUR_SECONDS || at >= start + 36 * HOUR_SECONDS) continue;
    const named = yearOf(start);
    if (named === year) return year;
    other ??= named;
  }
  return other ?? year;
}

function yearOf(at: Seconds): number {
  return new Date(unixMsFromSeconds(at)).getUTCFullYear();
}

function civilDaysOf({ civil }: Dates): readonly Seconds[] {
  return civil.flatMap((text) => (DAY.test(text) ? [secondsFromIso(text.slice(0, 10))] : []));
}

function gather(value: unknown, dates: { civil: string[]; periods: Period[] }): void {
  if (typeof value === 'string') {
    if (CIVIL.test(value)) dates.civil.push(value);
  } else if (typeof value !== 'object' || value === null) {
    return;
  } else if (Array.isArray(value)) {
    for (const item of value) gather(item, dates);
  } else if (isPeriod(value)) {
    dates.periods.push(value);
  } else if (!isDateless(value)) {
    // `for in`, because Object.values would allocate a list for every object of every record.
    for (const name in value) gather((value as Readonly<Record<string, unknown>>)[name], dates);
  }
}

/** Objects with texts that look like a year but are not: Coding, Quantity, LotKey, SampledData. */
function isDateless(value: object): boolean {
  return 'system' in value || 'unit' in value || 'gtin' in value || 'dimensions' in value;
}

function isPeriod(value: unknown): value is Period {
  if (typeof value !== 'object' || value === null) return false;
  const { from, until } = value as Partial<Period>;
  return typeof from === 'number' && typeof until === 'number';
}
