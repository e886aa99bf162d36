/*
 * Days of the proleptic Gregorian calendar, which ISO 8601 and FHIR use for every year. Date.UTC
 * takes the years 0 to 99 for those of the twentieth century, and Date.parse moves the 30th of
 * February to March: neither is asked here.
 */

const DAY_MS = 86_400_000;

/** Whether the year has such a day. @param month - from 1. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(utcDayMs(year, month, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
}

/** When a day begins in UTC, in Unix milliseconds. A month or day beyond the last goes on counting. */
export function utcDayMs(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** A date as exact as FHIR tells it: [first day, first day after it), in Unix milliseconds. */
export function civilSpanMs(year: number, month?: number, day?: number): readonly [number, number] {
  if (month === undefined) return [utcDayMs(year, 1, 1), utcDayMs(year + 1, 1, 1)];
  if (day === undefined) return [utcDayMs(year, month, 1), utcDayMs(year, month + 1, 1)];
  const from = utcDayMs(year, month, day);
  return [from, from + DAY_MS];
}

const CIVIL_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** Whether a text is a civil date of the calendar: YYYY, YYYY-MM or YYYY-MM-DD. */
export function isCivilDate(text: string): boolean {
  const [, year, month = '01', day = '01'] = CIVIL_DATE.exec(text) ?? [];
  return year !== undefined && isCalendarDay(Number(year), Number(month), Number(day));
}
