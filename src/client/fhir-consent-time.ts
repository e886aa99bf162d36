import { DomainError } from '../core/errors.js';
import {
  isoFromSeconds,
  NO_END_SECONDS,
  type Period,
  type Seconds,
  secondsFromUnixMs,
  toPeriod,
} from '../core/time.js';
import type { FhirPeriod } from './fhir-consent-form.js';

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * A FHIR period as a leaf has it. FHIR's end is inclusive as far as it is told: a day to its last
 * second. Without a zone it is UTC.
 *
 * @param otherwise.from - where it has no start.
 * @throws FHIR_INVALID, PERIOD_EMPTY, TIME_OUT_OF_RANGE
 */
export function readFhirPeriod(
  period: FhirPeriod | undefined,
  place: string,
  otherwise: { readonly from: Seconds },
): Period {
  const { start, end } = period ?? {};
  const from = start === undefined ? otherwise.from : readFhirTime(start, `${place}.start`).from;
  const until = end === undefined ? NO_END_SECONDS : readFhirTime(end, `${place}.end`).until;
  return toPeriod(from, until);
}

/** The time that a FHIR dateTime covers, half-open. @throws FHIR_INVALID, TIME_OUT_OF_RANGE */
export function readFhirTime(text: string, place: string): Period {
  if (INSTANT.test(text)) {
    const from = secondsFromUnixMs(requireMs(Date.parse(text), place));
    return { from, until: from + 1 };
  }
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) throw new DomainError('FHIR_INVALID', { place });
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const fromMs = Date.UTC(y, m, d);
  // What is no day of the calendar would silently be another one.
  if (new Date(fromMs).getUTCMonth() !== m) throw new DomainError('FHIR_INVALID', { place });
  let untilMs = Date.UTC(y + 1, 0, 1);
  if (day !== undefined) untilMs = Date.UTC(y, m, d + 1);
  else if (month !== undefined) untilMs = Date.UTC(y, m + 1, 1);
  return { from: secondsFromUnixMs(fromMs), until: secondsFromUnixMs(untilMs) };
}

/**
 * A leaf's period as FHIR writes it.
 *
 * @param options.omitFrom - the start that is written by leaving it out.
 * @throws TIME_OUT_OF_RANGE beyond NO_END_SECONDS, which FHIR cannot write.
 */
export function fhirPeriodOf(
  { from, until }: Period,
  options: { readonly omitFrom?: Seconds } = {},
): FhirPeriod | undefined {
  if (until > NO_END_SECONDS) throw new DomainError('TIME_OUT_OF_RANGE');
  const period = {
    ...(from === options.omitFrom ? {} : { start: isoFromSeconds(from) }),
    ...(until === NO_END_SECONDS ? {} : { end: isoFromSeconds(until - 1) }),
  };
  return Object.keys(period).length === 0 ? undefined : period;
}

function requireMs(ms: number, place: string): number {
  if (Number.isNaN(ms)) throw new DomainError('FHIR_INVALID', { place });
  return ms;
}
