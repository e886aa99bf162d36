import type { Resource } from '@medplum/fhirtypes';
import {
  nameKey,
  type ResourceName,
  readName,
  UNNAMED_SERVER,
  uuidOf,
} from '../identity/server.js';

/**
 * A resource that another one holds, by what its reference says. What is held always labels its
 * holder, which tells of it: a report that has a result, a prescription that has a reason.
 */
export interface HeldResource {
  readonly name: ResourceName;
  /** Whether the holder labels what it holds: a panel and its answers, a score and what it counts. */
  readonly covers: boolean;
}

interface HoldingElement {
  /** As in R4, `.` between an element and one inside it. */
  readonly path: string;
  readonly covers: boolean;
  /** The type of what a urn:uuid names, which does not say it. */
  readonly type: string;
}

const REASON = { path: 'reasonReference', covers: false, type: 'Condition' };
const ORDER = { path: 'basedOn', covers: false, type: 'ServiceRequest' };
const PART_OF = { path: 'partOf', covers: false, type: 'Procedure' };
const MEDICINE = { path: 'medicationReference', covers: false, type: 'Medication' };

/** @source the Reference elements of https://hl7.org/fhir/R4 for these types */
const HOLDING: Readonly<Record<string, readonly HoldingElement[]>> = {
  Observation: [
    { path: 'hasMember', covers: true, type: 'Observation' },
    { path: 'derivedFrom', covers: true, type: 'Observation' },
    ORDER,
    PART_OF,
  ],
  DiagnosticReport: [{ path: 'result', covers: true, type: 'Observation' }, ORDER],
  ServiceRequest: [REASON, ORDER],
  MedicationRequest: [MEDICINE, REASON, ORDER],
  MedicationDispense: [
    MEDICINE,
    PART_OF,
    { path: 'authorizingPrescription', covers: false, type: 'MedicationRequest' },
  ],
  MedicationAdministration: [
    MEDICINE,
    REASON,
    PART_OF,
    { path: 'request', covers: false, type: 'MedicationRequest' },
  ],
  Procedure: [REASON, ORDER, PART_OF],
  Immunization: [REASON],
  Encounter: [REASON, { path: 'diagnosis.condition', covers: false, type: 'Condition' }],
  Condition: [{ path: 'evidence.detail', covers: false, type: 'Observation' }],
};

/** What a resource whose references are resolved holds, itself or by what it contains, each once. */
export function heldBy(resource: Resource, own: ResourceName): readonly HeldResource[] {
  const held = new Map<string, HeldResource>();
  for (const one of [resource, ...containedIn(resource)]) {
    for (const { path, covers, type } of HOLDING[one.resourceType] ?? []) {
      for (const reference of referencesAt(one, path.split('.'))) {
        const name = nameOf(reference, type, own);
        if (name === undefined) continue;
        const key = nameKey(name);
        held.set(key, { name, covers: covers || (held.get(key)?.covers ?? false) });
      }
    }
  }
  return [...held.values()];
}

function containedIn(resource: Resource): readonly Resource[] {
  return 'contained' in resource ? (resource.contained ?? []) : [];
}

function nameOf(reference: string, type: string, own: ResourceName): ResourceName | undefined {
  const uuid = uuidOf(reference);
  return uuid === undefined
    ? readName(reference, UNNAMED_SERVER)
    : { server: own.server, type, id: uuid };
}

function referencesAt(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => referencesAt(one, path));
  if (typeof value !== 'object' || value === null) return [];
  const [first, ...rest] = path;
  const { reference } = value as { readonly reference?: unknown };
  if (first === undefined) return typeof reference === 'string' ? [reference] : [];
  return referencesAt((value as Readonly<Record<string, unknown>>)[first], rest);
}
