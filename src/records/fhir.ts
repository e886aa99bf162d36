import type { Resource } from '@medplum/fhirtypes';
import { parseCondition } from './fhir-condition.js';
import { parseDispense } from './fhir-dispense.js';
import { parseObservation } from './fhir-observation.js';
import type { ParsedRecord } from './fhir-record.js';

/** The record of a valid resource, if its type is one that this room answers for. */
export function parseRecord(resource: Resource): ParsedRecord | undefined {
  switch (resource.resourceType) {
    case 'Condition':
      return parseCondition(resource);
    case 'Observation':
      return parseObservation(resource);
    case 'MedicationDispense':
      return parseDispense(resource);
    default:
      return undefined;
  }
}

/**
 * The reference to the Patient that a resource is about, under whatever name its type gives it.
 * Undefined if it is about no one, or about one it does not refer to.
 */
export function subjectReferenceOf(resource: Resource): string | undefined {
  const { subject, patient, beneficiary } = resource as unknown as Readonly<
    Record<string, { reference?: unknown } | undefined>
  >;
  const reference = subject?.reference ?? patient?.reference ?? beneficiary?.reference;
  return typeof reference === 'string' ? reference : undefined;
}
