import type {
  CodeableConcept as FhirCodeableConcept,
  Coding as FhirCoding,
} from '@medplum/fhirtypes';
import type { CodeableConcept, Coding } from '../model/model.js';
import { isPublishedCode } from './terminology.js';

/**
 * Keeps what a published terminology defines: codings with system and code. The concept's `text` is
 * free text and is never released. Nor is a coding's `display`, in which a clerk can type anything:
 * code-display.ts supplies words that many people's records share.
 */
export function parseConcept(concept: FhirCodeableConcept | undefined): CodeableConcept {
  return { coding: (concept?.coding ?? []).flatMap((one) => parseCoding(one) ?? []) };
}

function parseCoding({ system, code }: FhirCoding): Coding | undefined {
  if (system === undefined || code === undefined) return undefined;
  return isPublishedCode(system, code) ? { system, code, display: null } : undefined;
}

/** The key that a code filter looks for. It is unambiguous because a system has no bar in it. */
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

/** FHIR's lower-case code as one of our enum values, if the list has it. */
export function toListed<Value extends string>(
  code: string | null | undefined,
  list: readonly Value[],
): Value | null {
  const name = code?.toUpperCase().replaceAll('-', '_');
  return list.find((value) => value === name) ?? null;
}
