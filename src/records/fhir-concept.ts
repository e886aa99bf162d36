import type {
  CodeableConcept as FhirCodeableConcept,
  Coding as FhirCoding,
  Quantity as FhirQuantity,
} from '@medplum/fhirtypes';
import type { CodeableConcept, Coding, Quantity } from './model.js';

export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const UCUM = 'http://unitsofmeasure.org';
export const GTIN = 'https://www.gs1.org/gtin';

/** The systems that say what a medicine is. Any other, a serialised pack's for one, stays here. */
export const MEDICATION_SYSTEMS: ReadonlySet<string> = new Set([
  RXNORM,
  SNOMED,
  GTIN,
  'http://hl7.org/fhir/sid/ndc',
  'http://www.whocc.no/atc',
]);

const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,200}$/;
// FHIR's code type, bounded: words with single spaces. A sentence would be free text.
const CODE = /^[^\s]+( [^\s]+){0,3}$/;
const MAX_CODE = 64;
const MAX_DISPLAY = 200;
const MAX_UNIT = 32;

/**
 * Keeps of a concept what a terminology defines: codings with system and code. The concept's own
 * `text` is free text and never leaves.
 */
export function parseConcept(
  concept: FhirCodeableConcept | undefined,
  systems?: ReadonlySet<string>,
): CodeableConcept {
  const coding = (concept?.coding ?? []).flatMap((one) => {
    const parsed = parseCoding(one);
    return parsed && (systems?.has(parsed.system) ?? true) ? [parsed] : [];
  });
  return { coding };
}

function parseCoding({ system, code, display }: FhirCoding): Coding | undefined {
  if (system === undefined || !ABSOLUTE_URI.test(system)) return undefined;
  if (code === undefined || code.length > MAX_CODE || !CODE.test(code)) return undefined;
  return { system, code, display: display?.slice(0, MAX_DISPLAY) ?? null };
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
  const { value, unit, code, system, comparator } = quantity;
  return {
    value: String(value),
    comparator: comparator === undefined ? null : COMPARATOR_OF[comparator],
    unit: unit !== undefined && unit.length <= MAX_UNIT ? unit : null,
    code: system === UCUM && code !== undefined && code.length <= MAX_UNIT ? code : null,
  };
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
  code: string | undefined,
  list: readonly Value[],
): Value | null {
  const name = code?.toUpperCase().replaceAll('-', '_');
  return list.find((value) => value === name) ?? null;
}
