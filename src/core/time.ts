import { isCalendarDay, utcDayMs } from './calendar.js';
import { DomainError } from './errors.js';

/** Seconds from 1900-01-01T00:00:00Z to the Unix epoch, so that old dates of birth are not negative. */
export const UNIX_EPOCH_SECONDS = 2_208_988_800;

/** The largest number of seconds that a circuit takes as a time: 2^40 - 1. No time told in words is. */
export const MAX_TIME_SECONDS = 2 ** 40 - 1;

/**
 * 9999-12-31T00:00:00Z, the one end of time: a period that ends here or later has no end. People,
 * GraphQL and FHIR write years with four digits, so that nobody can name a later day.
 */
export const NO_END_SECONDS = 255_611_203_200;

/** The first second that four digits of year cannot write: 10000-01-01T00:00:00Z. */
export const UNWRITABLE_SECONDS = NO_END_SECONDS + 86_400;

/** What stands for UNWRITABLE_SECONDS, as the exclusive end of the last day. */
const LAST_ISO = '9999-12-31T23:59:59.999Z';

/** Seconds since 1900-01-01 UTC, as every statement, permit and leaf counts time. */
export type Seconds = number;

/** A half-open span [from, until), in seconds since 1900-01-01 UTC. */
export interface Period {
  readonly from: Seconds;
  readonly until: Seconds;
}

/** All time: what is known to have no limit, or of which nothing is known. */
export const ANY_TIME: Period = { from: 0, until: NO_END_SECONDS };

/** @throws DomainError TIME_OUT_OF_RANGE outside [0, UNWRITABLE_SECONDS]. */
export function secondsFromUnixMs(unixMs: number): Seconds {
  const seconds = Math.floor(unixMs / 1000) + UNIX_EPOCH_SECONDS;
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > UNWRITABLE_SECONDS) {
    throw new DomainError('TIME_OUT_OF_RANGE');
  }
  return seconds;
}

export function unixMsFromSeconds(seconds: Seconds): number {
  return (seconds - UNIX_EPOCH_SECONDS) * 1000;
}

const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * Parses a day, in UTC, or a moment with Z or an offset. A time without a zone is refused: it would
 * be another moment on another machine.
 *
 * @throws DomainError BAD_INPUT for anything else, and for what is no day of the calendar;
 * TIME_OUT_OF_RANGE
 */
export function secondsFromIso(iso: string): Seconds {
  if (/^[+-]\d{6}-/.test(iso)) throw new DomainError('TIME_OUT_OF_RANGE');
  const [, year, month, day] = MOMENT.exec(iso) ?? [];
  if (year === undefined || !isCalendarDay(Number(year), Number(month), Number(day))) {
    throw new DomainError('BAD_INPUT', { expected: 'ISO 8601 time' });
  }
  return iso === LAST_ISO ? UNWRITABLE_SECONDS : secondsFromUnixMs(Date.parse(iso));
}

/** With four digits of year always: the last millisecond that they write stands for all later time. */
export function isoFromSeconds(seconds: Seconds): string {
  if (seconds >= UNWRITABLE_SECONDS) return LAST_ISO;
  return new Date(unixMsFromSeconds(seconds)).toISOString();
}

/** When a year begins in UTC. */
export function yearStart(year: number): Seconds {
  return utcDayMs(year, 1, 1) / 1_000 + UNIX_EPOCH_SECONDS;
}

/** @throws DomainError PERIOD_EMPTY unless from < until. */
export function toPeriod(from: Seconds, until: Seconds): Period {
  if (!(from < until)) throw new DomainError('PERIOD_EMPTY', { from, until });
  return { from, until };
}

/** Whether a period with that exclusive end has none: it reaches the last day that anybody can write. */
export function hasNoEnd(until: Seconds): boolean {
  return until >= NO_END_SECONDS;
}

/** The same period, where it has no end under the one name for that: NO_END_SECONDS. */
export function withOneEnd({ from, until }: Period): Period {
  // What begins on the last day would be empty with that end.
  return { from, until: hasNoEnd(until) && from < NO_END_SECONDS ? NO_END_SECONDS : until };
}

/** Whether `inner` lies wholly within `outer`; one without an end holds every later time. */
export function covers(outer: Period, inner: Period): boolean {
  return outer.from <= inner.from && (hasNoEnd(outer.until) || inner.until <= outer.until);
}
