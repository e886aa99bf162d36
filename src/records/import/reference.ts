import type { Resource } from '@medplum/fhirtypes';
import { DomainError } from '../../core/errors.js';
import {
  nameKey,
  type PatientName,
  type ResourceName,
  readName,
  referenceTo,
  type Server,
  UNNAMED_SERVER,
  uuidOf,
} from '../identity/server.js';
import { isAboutPatients, subjectOfType } from '../kinds/parse-record.js';
import type { ValidEntry } from './bundle.js';
import { isFollowed } from './conditional/asked.js';
import { readConditionalUrl, readCriteria } from './conditional/criteria.js';
import type { SettledEntries } from './conditional/settle.js';

/**
 * Whom a resource is about. `patient`: the one that its reference names. `missing`: it should be
 * about a patient, but no reference names one. `notAboutPatients`: resources of its type are not
 * about patients, such as a Practitioner. `unresolvable`: its reference leads to no resource that
 * is known here.
 */
export type SubjectOfResource =
  | { readonly kind: 'patient'; readonly name: PatientName }
  | { readonly kind: 'missing' }
  | { readonly kind: 'notAboutPatients' }
  | { readonly kind: 'unresolvable' };

/** The part before the type's name where Reference.type is a full URL. */
const DEFINITION = /^https?:\/\/hl7\.org\/fhir\/StructureDefinition\//;

/** Names of entries by fullUrl, to resolve references by fullUrl. */
export type EntryNames = ReadonlyMap<string, ResourceName>;

/** What references of entries can lead to. */
export interface ReferenceTargets extends Pick<SettledEntries, 'renamed' | 'matches'> {
  readonly names: EntryNames;
}

/** A resource's URL at its server needs no entry here: it means the same everywhere. */
export function namesByFullUrl(entries: readonly ValidEntry[]): EntryNames {
  return new Map(
    entries.flatMap(({ fullUrl, name }) =>
      fullUrl === undefined || readName(fullUrl, UNNAMED_SERVER) !== undefined
        ? []
        : [[urlKey(fullUrl), name]],
    ),
  );
}

function urlKey(url: string): string {
  return uuidOf(url) === undefined ? url : url.toLowerCase();
}

/**
 * The resource with its references as they are stored. A reference to another entry by fullUrl
 * becomes that entry's name, a relative one a URL at the entry's own server, and a search what it
 * finds.
 *
 * @param server - of the entry.
 * @returns the same object if nothing changes.
 * @throws DomainError FHIR_CONDITION_UNSUPPORTED, FHIR_CONDITION_FAILED; a failure that isUnmatched
 *   recognises for a search that finds nothing.
 * @source R4 bundle.html#references, http.html#trules
 */
export function resolveReferences(
  resource: Resource,
  { names, renamed, matches }: ReferenceTargets,
  server: Server,
): Resource {
  return resolved(resource, (reference) => {
    const conditional = readConditionalUrl(reference);
    if (conditional === undefined) {
      const stored = storedReference(reference, names, server);
      if (renamed.size === 0) return stored;
      const name = readName(stored, UNNAMED_SERVER);
      const now = name && renamed.get(nameKey(name));
      return now === undefined ? stored : referenceTo(now);
    }
    if (!isFollowed(conditional.type)) return reference;
    const place = `a reference to ${conditional.type}`;
    const match = matches.one({ ...readCriteria(conditional, place), server }, place);
    if (match === undefined) throw unmatched();
    return referenceTo(match);
  }) as Resource;
}

const UNMATCHED = 'a conditional reference finds nothing in the input or among stored resources';

function unmatched(): DomainError {
  return new DomainError('FHIR_REFERENCE_UNRESOLVED', { detail: UNMATCHED });
}

/** Whether the failed step may succeed once more is stored. */
export function isUnmatched(failure: unknown): failure is DomainError {
  return failure instanceof DomainError && failure.facts.detail === UNMATCHED;
}

function storedReference(reference: string, names: EntryNames, server: Server): string {
  const entry = names.get(urlKey(reference));
  if (entry !== undefined) return referenceTo(entry);
  const isRelative = server !== UNNAMED_SERVER && /^[A-Z][A-Za-z]+\//.test(reference);
  return isRelative ? `${server}/${reference}` : reference;
}

/** A copy of a value that contains a changed reference; otherwise the same object. */
function resolved(value: unknown, change: (reference: string) => string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  let changed = false;
  for (const [key, old] of Object.entries(value)) {
    const isReference = key === 'reference' && typeof old === 'string';
    const one = isReference ? change(old) : resolved(old, change);
    if (one === old) continue;
    copy[key] = one;
    changed = true;
  }
  return changed ? copy : value;
}

/**
 * Reads the subject of a resource whose references are resolved.
 *
 * A patient of another server is never a patient here, even with the same id. A urn:uuid that is no
 * entry's fullUrl is the id of a resource at the entry's own server.
 *
 * @throws DomainError FHIR_INVALID if Reference.type says another type than the reference.
 */
export function subjectOf(resource: Resource, own: ResourceName): SubjectOfResource {
  if (resource.resourceType === 'Patient') return { kind: 'patient', name: own };
  const { element, reference, type } = subjectOfType(resource);
  if (reference === undefined || reference.startsWith('#')) {
    return {
      kind: element !== undefined || isAboutPatients(resource) ? 'missing' : 'notAboutPatients',
    };
  }
  const uuid = uuidOf(reference);
  const name =
    uuid === undefined
      ? readName(reference, UNNAMED_SERVER)
      : { server: own.server, type: 'Patient', id: uuid };
  if (name === undefined) return { kind: 'unresolvable' };
  const said = type?.replace(DEFINITION, '');
  if (uuid !== undefined && said !== undefined && said !== 'Patient') return { kind: 'missing' };
  if (said !== undefined && said !== name.type) {
    const detail = `${resource.resourceType}.${element}: type and reference name different types`;
    throw new DomainError('FHIR_INVALID', { detail });
  }
  return name.type === 'Patient' ? { kind: 'patient', name } : { kind: 'missing' };
}
