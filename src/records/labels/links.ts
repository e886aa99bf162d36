import type { Meta, Resource } from '@medplum/fhirtypes';
import { saidIn } from '../codes/said.js';
import {
  nameKey,
  type ResourceName,
  readName,
  UNNAMED_SERVER,
  uuidOf,
} from '../identity/server.js';
import { sensitivityOf } from '../sensitive/sensitivity.js';
import { labelBitsOfMeta } from './label.js';

/**
 * A resource that another one refers to ("holds"). Its labels always apply to the holder too,
 * because the holder says something about it: a report with a result, a prescription with a reason.
 */
export interface HeldResource {
  readonly name: ResourceName;
  /**
   * Whether the holder's labels apply to what it holds: a panel and its answers, a score and what
   * it counts.
   */
  readonly covers: boolean;
}

interface HoldingElement {
  /** As in R4, with `.` between an element and its child. */
  readonly path: string;
  readonly covers: boolean;
  /** The type to assume for a urn:uuid, which does not name one. */
  readonly type: string;
}

const REASON = { path: 'reasonReference', covers: false, type: 'Condition' };
const ORDER = { path: 'basedOn', covers: false, type: 'ServiceRequest' };
const PART_OF = { path: 'partOf', covers: false, type: 'Procedure' };
const MEDICINE = { path: 'medicationReference', covers: false, type: 'Medication' };
const DIAGNOSIS = { path: 'diagnosis.condition', covers: false, type: 'Condition' };
const SUPPORT = { path: 'supportingInformation', covers: false, type: 'Observation' };
const tellsOf = (path: string, type: string): HoldingElement => ({ path, covers: false, type });
const covers = (path: string, type: string): HoldingElement => ({ path, covers: true, type });

/**
 * Not here: the encounter, along which few labels spread (labels/encounters.ts), and the entries of
 * a list or of a document's section, which are labelled only if the list or section itself is about
 * something sensitive.
 *
 * @source the Reference elements of https://hl7.org/fhir/R4 for these types; a test checks them all
 */
const HOLDING: Readonly<Record<string, readonly HoldingElement[]>> = {
  Observation: [
    covers('hasMember', 'Observation'),
    covers('derivedFrom', 'Observation'),
    ORDER,
    PART_OF,
  ],
  DiagnosticReport: [covers('result', 'Observation'), ORDER],
  ServiceRequest: [REASON, ORDER, tellsOf('supportingInfo', 'Observation')],
  CarePlan: [
    ORDER,
    tellsOf('partOf', 'CarePlan'),
    tellsOf('addresses', 'Condition'),
    tellsOf('activity.detail.reasonReference', 'Condition'),
  ],
  MedicationRequest: [
    MEDICINE,
    REASON,
    ORDER,
    SUPPORT,
    tellsOf('priorPrescription', 'MedicationRequest'),
  ],
  MedicationDispense: [
    MEDICINE,
    PART_OF,
    SUPPORT,
    tellsOf('authorizingPrescription', 'MedicationRequest'),
  ],
  MedicationAdministration: [
    MEDICINE,
    REASON,
    PART_OF,
    SUPPORT,
    tellsOf('request', 'MedicationRequest'),
  ],
  Procedure: [
    REASON,
    ORDER,
    PART_OF,
    tellsOf('report', 'DiagnosticReport'),
    tellsOf('complicationDetail', 'Condition'),
    tellsOf('usedReference', 'Medication'),
  ],
  Immunization: [REASON, tellsOf('reaction.detail', 'Observation')],
  Encounter: [
    REASON,
    ORDER,
    DIAGNOSIS,
    tellsOf('partOf', 'Encounter'),
    tellsOf('episodeOfCare', 'EpisodeOfCare'),
  ],
  EpisodeOfCare: [DIAGNOSIS, tellsOf('referralRequest', 'ServiceRequest')],
  Condition: [
    tellsOf('evidence.detail', 'Observation'),
    tellsOf('stage.assessment', 'Observation'),
  ],
};

/**
 * What a resource (references resolved) holds, itself or in its contained resources, without
 * duplicates.
 */
export function heldBy(resource: Resource, own: ResourceName): readonly HeldResource[] {
  const held = new Map<string, HeldResource>();
  for (const one of [resource, ...containedIn(resource)]) {
    for (const { path, covers, type } of HOLDING[one.resourceType] ?? []) {
      for (const reference of referencesAt(one, path.split('.'))) {
        const name = nameOfReference(reference, type, own);
        if (name === undefined) continue;
        const key = nameKey(name);
        held.set(key, { name, covers: covers || (held.get(key)?.covers ?? false) });
      }
    }
    for (const reference of coveredEntries(one)) {
      const name = nameOfReference(reference, 'Observation', own);
      if (name !== undefined) held.set(nameKey(name), { name, covers: true });
    }
  }
  return [...held.values()];
}

/** A list, or a section of a document with its subsections. Its entries share its subject. */
interface Section {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly entry?: unknown;
  readonly section?: readonly Section[] | undefined;
}

/** The entries of the lists and sections that are about something sensitive. */
function coveredEntries(resource: Resource): readonly string[] {
  if (resource.resourceType !== 'List' && resource.resourceType !== 'Composition') return [];
  const { meta, title, section, code, entry, type } = resource as Section & {
    readonly meta?: Meta;
    readonly type?: unknown;
  };
  const isLabelled = labelBitsOfMeta(meta) !== 0 || isSensitive(type);
  return entriesWithin({ title, section, code, entry }, isLabelled);
}

function entriesWithin(
  { code, title, entry, section = [] }: Section,
  isLabelled: boolean,
): readonly string[] {
  const isAbout = isLabelled || isSensitive({ code, title });
  const own = isAbout ? [...referencesAt(entry, []), ...referencesAt(entry, ['item'])] : [];
  return [...own, ...section.flatMap((one) => entriesWithin(one, isAbout))];
}

function isSensitive(said: unknown): boolean {
  return sensitivityOf(saidIn(said)).length > 0;
}

function containedIn(resource: Resource): readonly Resource[] {
  return 'contained' in resource ? (resource.contained ?? []) : [];
}

/**
 * @param type - the type to assume for a urn:uuid, which does not name one.
 * @param own - the resource that has the reference.
 */
export function nameOfReference(
  reference: string,
  type: string,
  own: ResourceName,
): ResourceName | undefined {
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
