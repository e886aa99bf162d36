import { parseFhirTime } from '../../core/fhir-time.js';
import { ANY_TIME, NO_END_SECONDS, type Period } from '../../core/time.js';

const CIVIL = /^\d{4}(?:-\d{2}(?:-\d{2})?)?/;

/**
 * The civil date of a FHIR date or dateTime, as precise as the source has it and by the source's
 * own clock.
 */
export function civilDateOf(text: string | undefined): string | null {
  return text === undefined ? null : (CIVIL.exec(text)?.[0] ?? null);
}

/**
 * The span that contains all these dates. Without a date it is all time, which only a window over
 * all time covers.
 *
 * @throws DomainError TIME_OUT_OF_RANGE before 1900.
 */
export function spanOf(...dates: readonly (string | undefined)[]): Period {
  const periods = dates.filter((date) => date !== undefined).map(parseFhirTime);
  if (periods.length === 0) return ANY_TIME;
  return {
    from: Math.min(...periods.map(({ from }) => from)),
    until: Math.max(...periods.map(({ until }) => until)),
  };
}

/**
 * Like spanOf, for something that may lack a start or an end: without an end it may still be going
 * on, without a start it may have begun at any time.
 */
export function openSpanOf(start: string | undefined, end: string | undefined): Period {
  return {
    from: start === undefined ? ANY_TIME.from : parseFhirTime(start).from,
    until: end === undefined ? NO_END_SECONDS : parseFhirTime(end).until,
  };
}
