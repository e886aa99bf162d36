import { ANY_TIME, hasNoEnd, NO_END_SECONDS, type Period, type Seconds } from '../../core/time.js';
import { byYears, coarsenerOf, datesIn, datesSpan } from '../deidentify/coarse-date.js';
import type { ParsedRecord } from '../kinds/record.js';
import { momentOf, namedTimeOf } from '../model/model.js';

/**
 * No date is older here: nobody who lived then is under 90, so that it is shown as a later year
 * anyhow, and 0, where 1900 begins, is left for what has no date.
 */
const FIRST_YEAR = 1_901;

/** Where a record without its exact dates stands: its moment, and what a window must cover. */
export function placeByYears({ content, span }: Pick<ParsedRecord, 'content' | 'span'>): Period & {
  readonly at: Seconds;
} {
  const dates = datesIn(content);
  const coarsen = coarsenerOf(dates, FIRST_YEAR);
  const at = momentOf(coarsen({ recorded: content.recorded, period: namedTimeOf(content) }));
  // By what leaves, so that a window tells no more than the row itself.
  const told = datesSpan(byYears(dates, FIRST_YEAR)) ?? ANY_TIME;
  return {
    at,
    // What has no start or no end has none by years either.
    from: span.from === 0 ? 0 : told.from,
    until: hasNoEnd(span.until) ? Math.max(told.until, NO_END_SECONDS) : told.until,
  };
}
