import { memoizeByText } from '../../core/memoize-by-text.js';
import { OLDEST_SHOWN_YEARS } from '../deidentify/coarse-date.js';
import { fromYears, safeUcum } from '../deidentify/ucum.js';

/** Words for units of time as people write them, by UCUM code. */
const TIMES: Readonly<Record<string, string>> = {
  a: 'y yo yr yrs year years annum',
  mo: 'mo mos month months',
  wk: 'wk wks week weeks',
  d: 'd day days',
  h: 'h hr hrs hour hours',
  min: 'min mins minute minutes',
  s: 's sec secs second seconds',
};
const CODE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(TIMES).flatMap(([code, words]) =>
    words.split(' ').map((word) => [word, code] as const),
  ),
);

/** Only an annotation, which is read like a word: {years}. */
const ANNOTATION_ALONE = /^1?\{([^{}]*)\}$/;
/** Maximum number of units whose result is cached, as in ucum.ts. */
const MAX_KNOWN = 10_000;

const known = memoizeByText(MAX_KNOWN, mostOf);

/**
 * OLDEST_SHOWN_YEARS in this unit, the longest time that is shown; infinity if the unit does not
 * measure time.
 *
 * @param unit - a UCUM code or a word that may be released; null for none.
 * @source 45 CFR 164.514(b)(2)(i)(C)
 */
export function oldestShownIn(unit: string | null): number {
  return unit === null ? Number.POSITIVE_INFINITY : known(unit);
}

function mostOf(unit: string): number {
  const code = safeUcum(unit);
  const years = code === null ? undefined : fromYears(OLDEST_SHOWN_YEARS, code);
  if (years !== undefined) return rounded(years);
  const words = (ANNOTATION_ALONE.exec(unit)?.[1] ?? unit).toLowerCase().split(/[^a-z]+/);
  // With several words, such as weeks and days, use the longest unit, which gives the lowest limit.
  const found = words.flatMap((word) => {
    const time = CODE_OF.get(word);
    return time === undefined ? [] : (fromYears(OLDEST_SHOWN_YEARS, time) ?? []);
  });
  const isWordAlone = code === null || ANNOTATION_ALONE.test(unit);
  return isWordAlone && found.length > 0 ? rounded(Math.min(...found)) : Number.POSITIVE_INFINITY;
}

/** Rounds down to a whole number if there is one, so that no more than the limit is shown. */
function rounded(most: number): number {
  const exact = Number(most.toPrecision(12));
  return exact >= 1 ? Math.floor(exact) : Number(exact.toPrecision(6));
}
