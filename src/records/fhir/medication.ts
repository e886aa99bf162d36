import type {
  CodeableConcept as FhirCodeableConcept,
  Medication,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { parseConcept } from '../deidentify/concept.js';
import type { CodeableConcept } from '../model/model.js';

/** The three resource types that are about a medicine name it alike. */
export interface NamesMedication {
  readonly contained?: Resource[];
  readonly medicationCodeableConcept?: FhirCodeableConcept;
  readonly medicationReference?: Reference;
}

/** The Medication that it refers to, if that is inside it. */
export function containedMedication(resource: NamesMedication): Medication | undefined {
  const id = resource.medicationReference?.reference?.replace(/^#/, '');
  return resource.contained?.find(
    (one): one is Medication => one.resourceType === 'Medication' && one.id === id,
  );
}

/**
 * Which medicine it is about, by terminology. A Medication elsewhere is read with what refers to it
 * when both are stored: labels/medicines.ts.
 */
export function parseMedication(resource: NamesMedication): CodeableConcept {
  const concept = resource.medicationCodeableConcept ?? containedMedication(resource)?.code;
  return parseConcept(concept);
}
