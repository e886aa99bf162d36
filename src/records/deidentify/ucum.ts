import { createRequire } from 'node:module';
import { ANNOTATION_WORDS } from './annotation-words.js';

/*
 * Which units may be released, in full or not at all. A unit's text is typed in somewhere and can
 * say anything, and so can a UCUM annotation: {Ana} is valid. Without its annotation a unit would
 * mean something else, so such a code is not released at all.
 *
 * @source The Unified Code for Units of Measure, https://ucum.org/ucum
 */

/** The part of @lhncbc/ucum-lhc that is used here; it has no types of its own. */
interface UcumLibrary {
  readonly UcumLhcUtils: {
    getInstance(): {
      validateUnitString(code: string): {
        readonly status: string;
        readonly ucumCode: string | null;
      };
      convertUnitTo(
        from: string,
        value: number,
        to: string,
      ): { readonly status: string; readonly toVal: number | null };
    };
  };
}

const MAX_CHARACTERS = 60;
/** Digits outside annotations; ucum-common has up to 7. More could be a personal number. */
const MAX_DIGITS = 7;
/** In one annotation: {1.73_m2}, {CH100'U}. */
const MAX_ANNOTATED_DIGITS = 4;
/** Maximum number of units whose check is cached: a laboratory uses a few hundred. */
const MAX_KNOWN = 10_000;

const ANNOTATION = /\{([^{}]*)\}/g;
/**
 * A factor with this many digits that is not a power of ten could be part of a telephone number.
 */
const LONG_NUMBER = /(?<![\d*^])(?!10*(?!\d))\d{4,}/;

/** The library looks units up in a plain object, so it mistakes these inherited names for units. */
const OF_EVERY_OBJECT = Object.getOwnPropertyNames(Object.prototype);

/** Words for units as people write them next to the code or instead of it. */
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
    'mL/min/1.73 m2|mL/min/1.73m²|log copies/mL|log10 copies/mL|mg/g creat|spray|sprays|' +
    'suppository|lozenge|application|each|dose|doses|inhalation|inhalations|titer|g/24h'
  ).split('|'),
);

let library: ReturnType<UcumLibrary['UcumLhcUtils']['getInstance']> | undefined;
const known = new Map<string, boolean>();

/** The UCUM code unchanged if it is valid and cannot contain a name; otherwise null. */
export function safeUcum(code: string | undefined): string | null {
  if (code === undefined || code.length > MAX_CHARACTERS) return null;
  let isSafe = known.get(code);
  if (isSafe === undefined) {
    isSafe = isSafeUcum(code);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(code, isSafe);
  }
  return isSafe ? code : null;
}

/** The unit as the source wrote it, if that is a common word for a unit or valid UCUM. */
export function safeUnit(text: string | undefined): string | null {
  if (text === undefined) return null;
  return WORDS.has(text) || WORDS.has(text.toLowerCase()) ? text : safeUcum(text);
}

/**
 * That many years in another unit; undefined if the unit does not measure time.
 *
 * @param code - one that safeUcum lets through.
 */
export function fromYears(years: number, code: string): number | undefined {
  const { status, toVal } = loaded().convertUnitTo('a', years, code.replace(ANNOTATION, '{x}'));
  return status === 'succeeded' && toVal !== null ? toVal : undefined;
}

/** Whether a code has an annotation with words that are not in ANNOTATION_WORDS. */
export function hasOwnWords(code: string): boolean {
  return [...code.matchAll(ANNOTATION)].some(([, text = '']) => !isUsualAnnotation(text));
}

function isSafeUcum(code: string): boolean {
  if (hasOwnWords(code)) return false;
  // ucum-common has spaces in annotations, which UCUM's grammar does not allow.
  const bare = code.replace(ANNOTATION, '{x}');
  // The library prints texts that it cannot parse at all, so it must not be given one.
  if (OF_EVERY_OBJECT.some((name) => bare.includes(name))) return false;
  if (!/^[!-~]+$/.test(bare) || /\(\)/.test(bare)) return false;
  if (!/[A-Za-z[%'*^{]/.test(bare) && !/^\/?10*$/.test(bare)) return false;
  if (digitsIn(bare) > MAX_DIGITS || LONG_NUMBER.test(bare)) return false;
  const { status, ucumCode } = loaded().validateUnitString(bare);
  return status === 'valid' && ucumCode === bare;
}

/** Loaded on first use: the library takes a quarter of a second to read its table. */
function loaded(): NonNullable<typeof library> {
  if (library === undefined) {
    const load = createRequire(import.meta.url);
    library = (load('@lhncbc/ucum-lhc') as UcumLibrary).UcumLhcUtils.getInstance();
  }
  return library;
}

function isUsualAnnotation(text: string): boolean {
  if (digitsIn(text) > MAX_ANNOTATED_DIGITS) return false;
  return text.split(/[^A-Za-z\u0080-\uFFFF]+/).every((name) => {
    const isKnown = (word: string) => word === '' || ANNOTATION_WORDS.has(word.toLowerCase());
    return isKnown(name) || name.split(/(?<=[a-z])(?=[A-Z])/).every(isKnown);
  });
}

function digitsIn(text: string): number {
  return text.replace(/\D/g, '').length;
}
