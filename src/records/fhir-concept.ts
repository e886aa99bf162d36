import type {
  CodeableConcept as FhirCodeableConcept,
  Coding as FhirCoding,
  Quantity as FhirQuantity,
} from '@medplum/fhirtypes';
import { OLDEST_SHOWN_YEARS } from './coarse-date.js';
import type { CodeableConcept, Coding, Quantity } from './model.js';
import { isPublishedCode } from './terminology.js';
import { safeUcum, safeUnit } from './ucum.js';

export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const UCUM = 'http://unitsofmeasure.org';
export const GTIN = 'https://www.gs1.org/gtin';

/** UCUM's times and the words for them, and how many make the oldest age that is shown. */
const OLDEST_SHOWN: Readonly<Record<string, number>> = agesIn({
  1: ['a', 'year', 'years', 'yr', 'yrs'],
  12: ['mo', 'month', 'months'],
  52.18: ['wk', 'week', 'weeks', 'wks'],
  365.25: ['d', 'day', 'days'],
});

/**
 * Keeps of a concept what a published terminology defines: codings with system and code. The
 * concept's own `text` is free text and never leaves; nor does a coding's `display`, in which a
 * clerk can type anything: code-display.ts tells the words that many people's records share.
 */
export function parseConcept(concept: FhirCodeableConcept | undefined): CodeableConcept {
  return { coding: (concept?.coding ?? []).flatMap((one) => parseCoding(one) ?? []) };
}

function parseCoding({ system, code }: FhirCoding): Coding | undefined {
  if (system === undefined || code === undefined) return undefined;
  return isPublishedCode(system, code) ? { system, code, display: null } : undefined;
}

const COMPARATOR_OF = {
  '<': 'LESS_THAN',
  '<=': 'AT_MOST',
  '>=': 'AT_LEAST',
  '>': 'MORE_THAN',
} as const satisfies Record<NonNullable<FhirQuantity['comparator']>, Quantity['comparator']>;

/** A quantity without a value measures nothing: null. */
export function parseQuantity(quantity: FhirQuantity | undefined): Quantity | null {
  if (quantity?.value === undefined) return null;
  const code = quantity.system === UCUM ? safeUcum(quantity.code) : null;
  const unit = safeUnit(quantity.unit) ?? code;
  // Whatever it measures, so long a time is a long life's. @source 45 CFR 164.514(b)(2)(i)(C)
  const most = OLDEST_SHOWN[code ?? unit ?? ''] ?? Number.POSITIVE_INFINITY;
  const { value, comparator } = quantity;
  return {
    value: String(Math.min(value, most)),
    comparator: comparator === undefined ? null : COMPARATOR_OF[comparator],
    unit,
    code,
  };
}

function agesIn(perYear: Readonly<Record<number, readonly string[]>>): Record<string, number> {
  const entries = Object.entries(perYear).flatMap(([count, units]) =>
    units.map((unit) => [unit, Math.floor(Number(count) * OLDEST_SHOWN_YEARS)] as const),
  );
  // Without a prototype: a unit's name comes from outside.
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** The key that a code filter looks for. Neither part can hold the bar's meaning twice: see CODE. */
export function codeKey({ system, code }: { readonly system: string; readonly code: string }) {
  return `${system}|${code}`;
}

/** The code of the first coding in that system. */
export function codeIn(
  concept: FhirCodeableConcept | undefined,
  system: string,
): string | undefined {
  return concept?.coding?.find((coding) => coding.system === system)?.code;
}

/** FHIR's lower-case code as an enum value of ours, if the list has it. */
export function toListed<Value extends string>(
  code: string | null | undefined,
  list: readonly Value[],
): Value | null {
  const name = code?.toUpperCase().replaceAll('-', '_');
  return list.find((value) => value === name) ?? null;
}
