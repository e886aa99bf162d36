import type {
  Quantity as FhirQuantity,
  Range as FhirRange,
  Ratio as FhirRatio,
} from '@medplum/fhirtypes';
import { decimalIn } from '../../core/import/exact-json.js';
import { isPublishedCode } from '../deidentify/terminology.js';
import { hasOwnWords, safeUcum, safeUnit } from '../deidentify/ucum.js';
import type { Quantity, Range, Ratio } from '../model/model.js';
import { isExtended } from './modifiers.js';
import { oldestShownIn } from './oldest-shown.js';

export const UCUM = 'http://unitsofmeasure.org';
/** HL7's drug forms, in which doses are counted: TAB, CAP, PUFF. */
const DRUG_FORMS = 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm';

/** Decimals that are stored and answered; R4 asks for at least 18 digits. */
const DECIMAL = /^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?$/;

/**
 * Elements that determine an amount. An extension in place of one says that it is unknown or
 * different.
 */
const DECIDING = ['value', 'comparator', 'unit', 'system', 'code'] as const;

const COMPARATOR_OF = {
  '<': 'LESS_THAN',
  '<=': 'AT_MOST',
  '>=': 'AT_LEAST',
  '>': 'MORE_THAN',
} as const satisfies Record<NonNullable<FhirQuantity['comparator']>, Quantity['comparator']>;

/**
 * A complete quantity, or null: without a value there is no measurement, and without its unit the
 * amount would be a different one.
 */
export function parseQuantity(quantity: FhirQuantity | undefined): Quantity | null {
  const written = quantity && decimalIn(quantity, 'value');
  if (quantity?.value === undefined || written === undefined || !DECIMAL.test(written)) return null;
  if (DECIDING.some((name) => isInPlaceOf(quantity, name))) return null;
  const unit = unitOf(quantity);
  if (unit === undefined) return null;
  // Whatever it measures, a time this long can only be a long life. @source 45 CFR
  // 164.514(b)(2)(i)(C)
  const most = Math.min(oldestShownIn(unit.code), oldestShownIn(unit.unit));
  const { comparator } = quantity;
  return {
    value: quantity.value > most ? String(most) : written,
    comparator: comparator === undefined ? null : COMPARATOR_OF[comparator],
    ...unit,
  };
}

function isInPlaceOf(quantity: FhirQuantity, name: (typeof DECIDING)[number]): boolean {
  const sibling = (quantity as Readonly<Record<string, unknown>>)[`_${name}`];
  // A missing comparator has a meaning too.
  return isExtended(sibling) && (quantity[name] === undefined || name === 'comparator');
}

/** Nulls if the source has no unit; undefined if it has one that may not be released in full. */
function unitOf({
  unit: text,
  system,
  code: said,
}: FhirQuantity): Pick<Quantity, 'unit' | 'code'> | undefined {
  if (system === DRUG_FORMS && said !== undefined && isPublishedCode(system, said)) {
    return { unit: safeUnit(text) ?? said, code: null };
  }
  const code = system === UCUM ? safeUcum(said) : null;
  // What is counted may be only in the annotation or only in the words, so neither may be dropped.
  if (code === null && said !== undefined && hasOwnWords(said)) return undefined;
  if (code !== null && saysLogarithm(text) && !saysLogarithm(code)) return undefined;
  const unit = safeUnit(text) ?? code;
  if (unit === null && (text ?? said) !== undefined) return undefined;
  return { unit, code };
}

function saysLogarithm(text = ''): boolean {
  return /(?<![a-z])lo?g(?:[^a-z]|10|copies|$)|\[pH\]|^B|^Np/i.test(text);
}

/** A complete ratio, or null: one amount alone means nothing. */
export function parseRatio(ratio: FhirRatio | undefined): Ratio | null {
  const [numerator, denominator] = [
    parseQuantity(ratio?.numerator),
    parseQuantity(ratio?.denominator),
  ];
  return numerator === null || denominator === null ? null : { numerator, denominator };
}

export function parseRange(range: FhirRange | undefined): Range | null {
  if (range === undefined) return null;
  const [low, high] = [parseQuantity(range.low), parseQuantity(range.high)];
  if (low === null && high === null) return null;
  // An end that may not be released must not look like an open end.
  const isCut = (end: FhirQuantity | undefined, told: Quantity | null) =>
    end?.value !== undefined && told === null;
  return isCut(range.low, low) || isCut(range.high, high) ? null : { low, high };
}
