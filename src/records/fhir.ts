import type { Resource } from '@medplum/fhirtypes';
import type { ParsedRecord } from './fhir-record.js';
import { isKindName, KINDS, type KindName } from './kinds.js';

/** The record of a valid resource, if its type is one that this room answers for. */
export function parseRecord(resource: Resource): ParsedRecord | undefined {
  const { resourceType } = resource;
  return isKindName(resourceType) ? parseAs(resourceType, resource) : undefined;
}

function parseAs<Name extends KindName>(name: Name, resource: Resource): ParsedRecord | undefined {
  // The name is the resource's own type, which TypeScript cannot follow through the table.
  return KINDS[name].parse(resource as Parameters<(typeof KINDS)[Name]['parse']>[0]);
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
