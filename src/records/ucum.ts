/*
 * What of a unit may leave. A unit's text is typed in somewhere and can say anything, and so can
 * a UCUM annotation: {Ana} is a valid one.
 *
 * @source The Unified Code for Units of Measure, https://ucum.org/ucum
 */

const PREFIX = 'Y|Z|E|P|T|G|M|k|h|da|d|c|m|u|n|p|f|a|z|y|Ki|Mi|Gi|Ti';
const METRIC =
  'm|s|g|rad|K|C|cd|mol|sr|Hz|N|Pa|J|W|A|V|F|Ohm|S|Wb|Cel|T|H|lm|lx|Bq|Gy|Sv|l|L|t|u|eV|bar|' +
  'U|kat|eq|osm|cal|m\\[H2O\\]|m\\[Hg\\]|\\[iU\\]|\\[IU\\]|P|St|Ci|R|B|Np|dyn|erg|Bd|bit|By';
const PLAIN =
  "%|\\[ppth\\]|\\[ppm\\]|\\[ppb\\]|\\[pptr\\]|\\[pi\\]|gon|deg|'|''|min|h|d|a|a_j|wk|mo|" +
  '\\[in_i\\]|\\[ft_i\\]|\\[yd_i\\]|\\[lb_av\\]|\\[oz_av\\]|\\[stone_av\\]|\\[gr\\]|' +
  '\\[degF\\]|\\[pH\\]|' +
  '\\[Cal\\]|\\[foz_us\\]|\\[cup_us\\]|\\[tsp_us\\]|\\[tbs_us\\]|\\[drp\\]|\\[diop\\]|' +
  "\\[arb'U\\]|" +
  "\\[USP'U\\]|\\[GPL'U\\]|\\[MPL'U\\]|\\[APL'U\\]|\\[CFU\\]|\\[PFU\\]|\\[FFU\\]|" +
  '\\[TCID_50\\]|\\[Ch\\]|' +
  '\\[HPF\\]|\\[LPF\\]|\\[S\\]|\\[psi\\]|atm|B\\[10\\.nV\\]|\\[mi_i\\]|ar|Torr';
// No other numbers, and one digit of exponent: a string of digits could be anybody's number.
const FACTOR =
  `(?:(?:(?:${PREFIX})?(?:${METRIC})|${PLAIN})(?:[+-]?\\d)?` +
  '|10[*^][+-]?\\d{1,2}|1|10|100|1000|8|12|24)';
const UNIT = new RegExp(`^/?${FACTOR}(?:[./]${FACTOR}){0,4}$`);

/** What is counted, in UCUM's annotations as laboratories write them. */
const ANNOTATIONS: ReadonlySet<string> = new Set(
  (
    '# 1.73_m2 actuat beats binding_index breaths capsule caps cells cfu cigarettes copies count ' +
    'CPM creat creatinine dose drop drops events GFR HPF index INR LPF mm/dd/yyyy nominal pack ' +
    'PackYears patch percentile puff puffs ratio RBC score spray sprays StdDev steps sup tab tbl ' +
    'tablet T-score titer titre TV U unit units WBC Z-score'
  ).split(' '),
);
const ANNOTATION = /\{([^{}]*)\}/g;

/** Words for units as people write them beside or instead of the code. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'mmHg|mm Hg|bpm|beats/min|beats/minute|breaths/min|breaths/minute|per minute|lb|lbs|' +
    'pounds|oz|' +
    'in|inch|inches|ft|feet|kg/m²|m²|year|years|yr|yrs|month|months|week|weeks|wks|day|days|hour|' +
    'hours|hr|hrs|minute|minutes|second|seconds|sec|tablet|tablets|tab|tabs|capsule|capsules|cap|' +
    'caps|puff|puffs|drop|drops|patch|patches|mcg|mcg/mL|mcg/dL|mcg/L|µg|µg/L|µmol/L|µL|IU|IU/L|' +
    'IU/mL|mIU/L|mIU/mL|µIU/mL|mEq|mEq/L|percent|°C|°F|degrees C|degrees F|degrees|score|ratio|' +
    'index|points|copies/mL|cells/uL|cells/µL|K/uL|K/µL|M/uL|x10^3/uL|x10^6/uL|x10E3/uL|x10E6/uL|' +
    'thou/uL|million/uL|kcal|steps|packs/day|cigarettes/day|unit|units|pH|mg/24h|mL/min/1.73m2|' +
    'mL/min/1.73 m2|mL/min/1.73m²'
  ).split('|'),
);

/**
 * A UCUM code without the annotations that are no usual ones: they change no unit, so that
 * mg{Ana} is mg. Null if it is no UCUM.
 */
export function safeUcum(code: string | undefined): string | null {
  if (code === undefined || code.length > 40) return null;
  const known = code.replace(ANNOTATION, (all, text: string) => (ANNOTATIONS.has(text) ? all : ''));
  const bare = known.replace(ANNOTATION, '');
  if (/[{}]/.test(bare)) return null;
  // An annotation alone is a count of it, and stands where a factor would.
  if (bare === '') return known === '' ? null : known;
  return UNIT.test(known.replace(ANNOTATION, (_, __, at: number) => onlyThere(known, at))) ||
    UNIT.test(bare)
    ? known
    : null;
}

/** The unit as the source wrote it, if that is a usual word for one or UCUM itself. */
export function safeUnit(text: string | undefined): string | null {
  return text !== undefined && WORDS.has(text) ? text : safeUcum(text);
}

/** A factor of 1 for an annotation that no factor stands before: {beats}/min is 1/min. */
function onlyThere(code: string, at: number): string {
  return at === 0 || '/.'.includes(code.charAt(at - 1)) ? '1' : '';
}
