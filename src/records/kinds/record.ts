import type { CodeableConcept as FhirCodeableConcept } from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { parseConcept } from '../deidentify/concept.js';
import type { CodeableConcept, Coding, RecordContent } from '../model/model.js';
import type { MeasuredValue } from './observation-values.js';

/** A resource as the clinical_record table takes it. */
export interface ParsedRecord<Content extends RecordContent = RecordContent> {
  readonly content: Content;
  /** Holds every date that the content tells of. */
  readonly span: Period;
  /** What a filter finds it by, of what leaves alone. */
  readonly codes: readonly Coding[];
  /** Codes of its categories; empty where its type has none. */
  readonly categories: readonly string[];
  /** Of an observation: its values and those of its components. */
  readonly values?: readonly MeasuredValue[];
}

export function parseConcepts(
  concepts: readonly FhirCodeableConcept[] | undefined,
): readonly CodeableConcept[] {
  return (concepts ?? []).map((concept) => parseConcept(concept));
}

/** Null if the source has none; of one that is words alone, the concept without a coding is left. */
export function parseOptional(concept: FhirCodeableConcept | undefined): CodeableConcept | null {
  return concept === undefined ? null : parseConcept(concept);
}

export function codingsOf(...concepts: readonly CodeableConcept[]): readonly Coding[] {
  return concepts.flatMap(({ coding }) => coding);
}

export function codesOf(...concepts: readonly CodeableConcept[]): readonly string[] {
  return codingsOf(...concepts).map(({ code }) => code);
}
