import { ANY_TIME, hasNoEnd, NO_END_SECONDS, type Period, type Seconds } from '../../core/time.js';
import { byYears, coarsenerOf, datesIn, datesSpan } from '../deidentify/coarse-date.js';
import type { ParsedRecord } from '../kinds/record.js';
import { momentOf, namedTimeOf } from '../model/model.js';

/**
 * Earlier dates are stored as this year. They are always shown as a later year anyway (90-year
 * rule), and 0, the start of 1900, stays reserved for rows without a date.
 */
const FIRST_YEAR = 1_901;

/** A record's moment and the span that a window must cover, when dates are shown as years. */
export function placeByYears({ content, span }: Pick<ParsedRecord, 'content' | 'span'>): Period & {
  readonly at: Seconds;
} {
  const dates = datesIn(content);
  const coarsen = coarsenerOf(dates, FIRST_YEAR);
  const at = momentOf(coarsen({ recorded: content.recorded, period: namedTimeOf(content) }));
  // From what is released, so that a window reveals no more than the row itself.
  const told = datesSpan(byYears(dates, FIRST_YEAR)) ?? ANY_TIME;
  return {
    at,
    // A row without a start or an end has none by years either.
    from: span.from === 0 ? 0 : told.from,
    until: hasNoEnd(span.until) ? Math.max(told.until, NO_END_SECONDS) : told.until,
  };
}
