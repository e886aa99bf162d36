import type {
  CodeableConcept as FhirCodeableConcept,
  Medication,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { parseConcept } from '../deidentify/concept.js';
import type { CodeableConcept } from '../model/model.js';

/** How the three resource types that are about a medicine name it. */
export interface NamesMedication {
  readonly contained?: Resource[];
  readonly medicationCodeableConcept?: FhirCodeableConcept;
  readonly medicationReference?: Reference;
}

/** The contained Medication that it refers to, if any. */
export function containedMedication(resource: NamesMedication): Medication | undefined {
  const id = resource.medicationReference?.reference?.replace(/^#/, '');
  return resource.contained?.find(
    (one): one is Medication => one.resourceType === 'Medication' && one.id === id,
  );
}

/**
 * The medicine as a coded concept. A Medication that is a resource of its own is read once both are
 * stored: labels/medicines.ts.
 */
export function parseMedication(resource: NamesMedication): CodeableConcept {
  const concept = resource.medicationCodeableConcept ?? containedMedication(resource)?.code;
  return parseConcept(concept);
}
