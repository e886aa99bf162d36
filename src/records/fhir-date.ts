import { DomainError } from '../core/errors.js';
import { MAX_TIME_SECONDS, type Period, secondsFromUnixMs } from '../core/time.js';

const CIVIL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/;

/** Every date that nothing is known of: only a window over all time covers it. */
export const ANY_TIME: Period = { from: 0, until: MAX_TIME_SECONDS };

/**
 * The time that a FHIR date or dateTime covers, half-open: an instant a second, a day the day, a
 * year the year, in UTC where it names no zone.
 *
 * @throws DomainError TIME_OUT_OF_RANGE before 1900.
 */
export function parseFhirDate(text: string): Period {
  if (text.includes('T')) {
    const from = secondsFromUnixMs(requireMs(Date.parse(text)));
    return { from, until: from + 1 };
  }
  const [, year, month, day] = CIVIL.exec(text) ?? [];
  const [y, m] = [Number(year), Number(month ?? 1) - 1];
  const from = Date.UTC(y, m, Number(day ?? 1));
  let until = Date.UTC(y + 1, 0, 1);
  if (day !== undefined) until = Date.UTC(y, m, Number(day) + 1);
  else if (month !== undefined) until = Date.UTC(y, m + 1, 1);
  return { from: secondsFromUnixMs(requireMs(from)), until: secondsFromUnixMs(requireMs(until)) };
}

/** The civil date of a FHIR date or dateTime, as exact as it is, as the source's own clock told it. */
export function civilDateOf(text: string | undefined): string | null {
  return text === undefined ? null : (CIVIL.exec(text)?.[0] ?? null);
}

/** The span that all those dates lie in; any time if there is none. */
export function spanOf(...dates: readonly (string | undefined)[]): Period {
  const periods = dates.filter((date) => date !== undefined).map(parseFhirDate);
  if (periods.length === 0) return ANY_TIME;
  return {
    from: Math.min(...periods.map(({ from }) => from)),
    until: Math.max(...periods.map(({ until }) => until)),
  };
}

function requireMs(ms: number): number {
  if (Number.isNaN(ms)) throw new DomainError('BAD_INPUT', { expected: 'FHIR date' });
  return ms;
}
