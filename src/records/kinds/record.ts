import type { CodeableConcept as FhirCodeableConcept } from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { parseConcept } from '../deidentify/concept.js';
import type { CodeableConcept, Coding, RecordContent } from '../model/model.js';
import type { MeasuredValue } from './observation-values.js';

/** A resource as it is stored in the clinical_record table. */
export interface ParsedRecord<Content extends RecordContent = RecordContent> {
  readonly content: Content;
  /** The span of every date in the content. */
  readonly span: Period;
  /** The codes that a filter finds it by; only codes that are released. */
  readonly codes: readonly Coding[];
  /** Codes of its categories; empty if its type has none. */
  readonly categories: readonly string[];
  /** For an observation: its values and those of its components. */
  readonly values?: readonly MeasuredValue[];
}

export function parseConcepts(
  concepts: readonly FhirCodeableConcept[] | undefined,
): readonly CodeableConcept[] {
  return (concepts ?? []).map((concept) => parseConcept(concept));
}

/** Null if the source has none. A concept that is only words becomes one without a coding. */
export function parseOptional(concept: FhirCodeableConcept | undefined): CodeableConcept | null {
  return concept === undefined ? null : parseConcept(concept);
}

export function codingsOf(...concepts: readonly CodeableConcept[]): readonly Coding[] {
  return concepts.flatMap(({ coding }) => coding);
}

export function codesOf(...concepts: readonly CodeableConcept[]): readonly string[] {
  return codingsOf(...concepts).map(({ code }) => code);
}
