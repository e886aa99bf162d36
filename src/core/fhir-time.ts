import { civilSpanMs, isCalendarDay } from './calendar.js';
import { DomainError } from './errors.js';
import {
  type Period,
  type Seconds,
  secondsFromUnixMs,
  UNIX_EPOCH_SECONDS,
  UNWRITABLE_SECONDS,
} from './time.js';

const FHIR_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d)))?)?)?$/;

/** What is wrong with a text that should be a FHIR date, dateTime or instant, as a report says it. */
export type FhirTimeFault =
  | 'is no FHIR date'
  | 'is no day of the calendar'
  | 'is a time without a zone'
  | 'has a leap second where none can be';

/**
 * Whether a text is a date, a dateTime or an instant of R4; undefined if it is. A time has to have a
 * zone, and a date has to be one of the calendar, which no pattern of the specification checks.
 *
 * @source https://hl7.org/fhir/R4/datatypes.html#dateTime: "SHALL be populated", "Dates SHALL be valid"
 */
export function fhirTimeFault(text: string): FhirTimeFault | undefined {
  const [, year, month = '01', day = '01', , , , , hours = '00', minutes = '00'] =
    FHIR_TIME.exec(text) ?? [];
  if (year === undefined || (hours === '14' && minutes !== '00')) {
    return /T[\d:.]+$/.test(text) ? 'is a time without a zone' : 'is no FHIR date';
  }
  const exists = isCalendarDay(Number(year), Number(month), Number(day));
  if (!exists) return 'is no day of the calendar';
  return isMisplacedLeapSecond(text) ? 'has a leap second where none can be' : undefined;
}

/**
 * Whether a time has a 61st second other than in the last minute of June or December in UTC.
 *
 * @source ITU-R TF.460-6, annex 1, 2.1: the last second of a UTC month, first of December and June
 */
function isMisplacedLeapSecond(text: string): boolean {
  const [, year, month, day, hour, minute, second, sign, hours, minutes] =
    FHIR_TIME.exec(text) ?? [];
  if (second !== '60') return false;
  const ahead = (sign === '-' ? -60 : 60) * (60 * Number(hours ?? 0) + Number(minutes ?? 0));
  const [dayMs] = civilSpanMs(Number(year), Number(month), Number(day));
  const ofDay = 3_600 * Number(hour) + 60 * Number(minute) + 60;
  const next = new Date(dayMs + 1_000 * (ofDay - ahead)).toISOString();
  return !/-(?:01|07)-01T00:00:00/.test(next);
}

/**
 * The time that a FHIR date, dateTime or instant covers, half-open: an instant a second, a day the
 * day, a year the year, in UTC where it has no time. A leap second counts as the second before it,
 * which is of the same day.
 *
 * @throws DomainError BAD_INPUT for a text that is not such a time; TIME_OUT_OF_RANGE before 1900
 * or, by its zone, after 9999.
 */
export function parseFhirTime(text: string): Period {
  const fault = fhirTimeFault(text);
  if (fault !== undefined) throw new DomainError('BAD_INPUT', { expected: 'FHIR date' });
  const [, year, month, day, hour, minute, second, sign, hours, minutes] =
    FHIR_TIME.exec(text) ?? [];
  const number = (part: string | undefined) => (part === undefined ? undefined : Number(part));
  const [fromMs, untilMs] = civilSpanMs(Number(year), number(month), number(day));
  if (hour === undefined) return spanOfMs(fromMs, untilMs);
  const ofDay = 3_600 * Number(hour) + 60 * Number(minute) + Math.min(Number(second), 59);
  const ahead = (sign === '-' ? -60 : 60) * (60 * Number(hours ?? 0) + Number(minutes ?? 0));
  const atMs = fromMs + 1_000 * (ofDay - ahead);
  return spanOfMs(atMs, atMs + 1_000);
}

function spanOfMs(fromMs: number, untilMs: number): Period {
  const from: Seconds = secondsFromUnixMs(fromMs);
  if (from >= UNWRITABLE_SECONDS) throw new DomainError('TIME_OUT_OF_RANGE');
  return { from, until: untilMs / 1_000 + UNIX_EPOCH_SECONDS };
}
