import type { Resource } from '@medplum/fhirtypes';
import { DomainError } from '../../core/errors.js';
import { assertionAgainst } from '../fhir/assertion.js';
import { modifierAgainst } from '../fhir/modifiers.js';
import { unstorableDateIn } from '../fhir/unstorable-date.js';
import { isKindName, KINDS, type KindName } from './kinds.js';
import type { ParsedRecord } from './record.js';

/** The record of a resource, or why there is none. */
export interface ReadRecord {
  readonly record: ParsedRecord | undefined;
  /** The element that keeps it from being a row. Also undefined if its type has no rows. */
  readonly withheldBy: string | undefined;
}

/**
 * The record of a valid resource, if its type is one of KINDS.
 *
 * @throws DomainError TIME_OUT_OF_RANGE for a date that no window can hold, whose `detail` names the
 * element.
 */
export function readRecord(resource: Resource): ReadRecord {
  const { resourceType } = resource;
  if (!isKindName(resourceType)) return { record: undefined, withheldBy: undefined };
  const withheldBy = modifierAgainst(resource) ?? assertionAgainst(resource);
  if (withheldBy !== undefined) return { record: undefined, withheldBy };
  const record = parseStorable(resourceType, resource);
  return { record, withheldBy: record === undefined ? `${resourceType}.status` : undefined };
}

/** Like readRecord, without the reason. */
export function parseRecord(resource: Resource): ParsedRecord | undefined {
  return readRecord(resource).record;
}

function parseStorable(name: KindName, resource: Resource): ParsedRecord | undefined {
  try {
    return parseAs(name, resource);
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'TIME_OUT_OF_RANGE') throw failure;
    const place = unstorableDateIn(resource) ?? name;
    const detail = `${place} is before 1900 or after 9999, which no data window can hold`;
    throw new DomainError('TIME_OUT_OF_RANGE', { detail }, failure);
  }
}

function parseAs<Name extends KindName>(name: Name, resource: Resource): ParsedRecord | undefined {
  // The name is the resource's own type, but TypeScript cannot infer that through the table.
  return KINDS[name].parse(resource as Parameters<(typeof KINDS)[Name]['parse']>[0]);
}

/** Whether resources of this type become rows of a patient, if they name one. */
export function isAboutPatients({ resourceType }: Resource): boolean {
  return isKindName(resourceType);
}

/** R4's names for the element that says whom a resource is about. */
const SUBJECT_ELEMENTS = ['subject', 'patient', 'beneficiary'] as const;

/** The element that says whom a resource is about, its literal reference, and the type. */
export function subjectOfType(resource: Resource): {
  readonly element: string | undefined;
  readonly reference: string | undefined;
  readonly type: string | undefined;
} {
  const elements = resource as unknown as Readonly<Record<string, unknown>>;
  const element = SUBJECT_ELEMENTS.find((name) => isObject(elements[name]));
  const { reference, type } = (element === undefined ? {} : elements[element]) as {
    readonly reference?: unknown;
    readonly type?: unknown;
  };
  return { element, reference: textOf(reference), type: textOf(type) };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
