import type { Resource } from '@medplum/fhirtypes';
import { type ResourceName, readName, UNNAMED_SERVER, uuidOf } from '../identity/server.js';

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
  /** What a reference names that does not say it: a urn:uuid. */
  readonly type: string;
}

const REASON = { path: 'reasonReference', covers: false, type: 'Condition' };
const MEDICINE = { path: 'medicationReference', covers: false, type: 'Medication' };

/** @source the Reference elements of https://hl7.org/fhir/R4 for these types */
const HOLDING: Readonly<Record<string, readonly HoldingElement[]>> = {
  Observation: [
    { path: 'hasMember', covers: true, type: 'Observation' },
    { path: 'derivedFrom', covers: true, type: 'Observation' },
  ],
  DiagnosticReport: [{ path: 'result', covers: true, type: 'Observation' }],
  MedicationRequest: [MEDICINE, REASON],
  MedicationDispense: [
    MEDICINE,
    { path: 'authorizingPrescription', covers: false, type: 'MedicationRequest' },
  ],
  MedicationAdministration: [
    MEDICINE,
    REASON,
    { path: 'request', covers: false, type: 'MedicationRequest' },
  ],
  Procedure: [REASON],
  Immunization: [REASON],
  Encounter: [REASON, { path: 'diagnosis.condition', covers: false, type: 'Condition' }],
  Condition: [{ path: 'evidence.detail', covers: false, type: 'Observation' }],
};

/** What a resource whose references are resolved holds, each once; what it contains is no part of it. */
export function heldBy(resource: Resource, own: ResourceName): readonly HeldResource[] {
  const held = new Map<string, HeldResource>();
  for (const { path, covers, type } of HOLDING[resource.resourceType] ?? []) {
    for (const reference of referencesAt(resource, path.split('.'))) {
      const uuid = uuidOf(reference);
      const name =
        uuid === undefined
          ? readName(reference, UNNAMED_SERVER)
          : { server: own.server, type, id: uuid };
      if (name === undefined) continue;
      const key = `${name.server} ${name.type}/${name.id}`;
      held.set(key, { name, covers: covers || (held.get(key)?.covers ?? false) });
    }
  }
  return [...held.values()];
}

function referencesAt(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => referencesAt(one, path));
  if (typeof value !== 'object' || value === null) return [];
  const [first, ...rest] = path;
  const { reference } = value as { readonly reference?: unknown };
  if (first === undefined) return typeof reference === 'string' ? [reference] : [];
  return referencesAt((value as Readonly<Record<string, unknown>>)[first], rest);
}
