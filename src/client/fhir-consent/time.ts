import { DomainError } from '../../core/errors.js';
import { fhirTimeFault, parseFhirTime } from '../../core/fhir-time.js';
import {
  hasNoEnd,
  isoFromSeconds,
  NO_END_SECONDS,
  type Period,
  type Seconds,
  toPeriod,
  withOneEnd,
} from '../../core/time.js';
import type { FhirPeriod } from './form.js';

/**
 * A FHIR period as a leaf has it. FHIR's end is inclusive at its precision: a day lasts to its last
 * second. A day without a zone is in UTC. An end on the last day that FHIR can write means no end.
 *
 * @param otherwise.from - the start if it has none.
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
  return withOneEnd(toPeriod(from, until));
}

/** The time that a FHIR dateTime covers, half-open. @throws FHIR_INVALID, TIME_OUT_OF_RANGE */
export function readFhirTime(text: string, place: string): Period {
  const fault = fhirTimeFault(text);
  if (fault !== undefined) throw new DomainError('FHIR_INVALID', { place, detail: fault });
  return parseFhirTime(text);
}

/**
 * A leaf's period in FHIR's form; `end` is left out if there is none.
 *
 * @param options.omitFrom - a start that is expressed by leaving it out.
 */
export function fhirPeriodOf(
  { from, until }: Period,
  options: { readonly omitFrom?: Seconds } = {},
): FhirPeriod | undefined {
  const period = {
    ...(from === options.omitFrom ? {} : { start: isoFromSeconds(from) }),
    ...(hasNoEnd(until) ? {} : { end: isoFromSeconds(until - 1) }),
  };
  return Object.keys(period).length === 0 ? undefined : period;
}
