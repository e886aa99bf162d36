import type { Period as FhirPeriod } from '@medplum/fhirtypes';
import { parseFhirTime } from '../../core/fhir-time.js';
import type { Period } from '../../core/time.js';
import { openSpanOf, spanOf } from './date.js';

/** When something happened, in one of FHIR's two forms. */
export interface Happened {
  /** Null if unknown or without an end. */
  readonly period: Period | null;
  readonly span: Period;
  /** The date of the record, as the source wrote it. */
  readonly recorded: string | undefined;
}

/**
 * Reads an element that is a dateTime or a Period, for example effective[x].
 *
 * @param otherwise - the date to use if there is neither, for example `issued`.
 */
export function parseHappened(
  instant: string | undefined,
  { start, end }: FhirPeriod = {},
  otherwise?: string,
): Happened {
  if (instant !== undefined) {
    const period = parseFhirTime(instant);
    return { period, span: period, recorded: instant };
  }
  if (start !== undefined && end !== undefined) {
    const period = spanOf(start, end);
    return { period, span: period, recorded: start };
  }
  const open = start ?? end;
  if (open !== undefined) return { period: null, span: openSpanOf(start, end), recorded: open };
  return { period: null, span: spanOf(otherwise), recorded: otherwise };
}

/** The shortest span that contains them all. */
export function hull(first: Period, ...others: readonly Period[]): Period {
  const all = [first, ...others];
  return {
    from: Math.min(...all.map(({ from }) => from)),
    until: Math.max(...all.map(({ until }) => until)),
  };
}
