import type { Resource } from '@medplum/fhirtypes';
import { subjectReferenceOf } from './fhir.js';
import type { ValidEntry } from './fhir-bundle.js';

/** Whom a resource is about: a patient of that id, nobody in particular, or no one to be found. */
export type Subject =
  | { readonly kind: 'patient'; readonly id: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unresolvable' };

const RELATIVE = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/;

/** The stored name, Type/id, of each entry that others may refer to by its fullUrl. */
export function namesByFullUrl(entries: readonly ValidEntry[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ fullUrl, type, id }) => (fullUrl ? [[fullUrl, `${type}/${id}`]] : [])),
  );
}

/** The resource with its references by fullUrl (urn:uuid or absolute) by stored name; not changed itself. */
export function resolveReferences(
  resource: Resource,
  names: ReadonlyMap<string, string>,
): Resource {
  return names.size === 0 ? resource : (resolved(resource, names) as Resource);
}

/** A copy of what holds such a reference; what holds none is the same object. */
function resolved(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  let changed = false;
  for (const [key, old] of Object.entries(value)) {
    const isReference = key === 'reference' && typeof old === 'string';
    const one = isReference ? (names.get(old) ?? old) : resolved(old, names);
    if (one === old) continue;
    copy[key] = one;
    changed = true;
  }
  return changed ? copy : value;
}

/**
 * Reads the subject of a resource whose references are resolved.
 *
 * An absolute URL that no entry has as fullUrl names a record of another server: that its last
 * part equals a patient's id here would make it another person's record.
 */
export function subjectOf(resource: Resource): Subject {
  if (resource.resourceType === 'Patient') return { kind: 'patient', id: resource.id ?? '' };
  const reference = subjectReferenceOf(resource);
  if (reference === undefined || reference.startsWith('#')) return { kind: 'none' };
  const [, type, id] = RELATIVE.exec(reference) ?? [];
  if (type === undefined || id === undefined) return { kind: 'unresolvable' };
  return type === 'Patient' ? { kind: 'patient', id } : { kind: 'none' };
}
