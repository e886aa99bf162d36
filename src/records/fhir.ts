import type { Resource } from '@medplum/fhirtypes';
import { modifierAgainst } from './fhir/modifiers.js';
import type { ParsedRecord } from './fhir-record.js';
import { isKindName, KINDS, type KindName } from './kinds.js';

/** What a resource is told as, or why it is told as nothing. */
export interface ReadRecord {
  readonly record: ParsedRecord | undefined;
  /** The element that keeps it from being a row. Undefined too if its type is none of rows. */
  readonly withheldBy: string | undefined;
}

/** The record of a valid resource, if its type is one that this room answers for. */
export function readRecord(resource: Resource): ReadRecord {
  const { resourceType } = resource;
  if (!isKindName(resourceType)) return { record: undefined, withheldBy: undefined };
  const withheldBy = modifierAgainst(resource);
  if (withheldBy !== undefined) return { record: undefined, withheldBy };
  const record = parseAs(resourceType, resource);
  return { record, withheldBy: record === undefined ? `${resourceType}.status` : undefined };
}

/** As readRecord, for whoever needs no reason. */
export function parseRecord(resource: Resource): ParsedRecord | undefined {
  return readRecord(resource).record;
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
