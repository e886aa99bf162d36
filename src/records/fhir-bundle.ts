import type { Resource } from '@medplum/fhirtypes';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { codeOf, DomainError } from '../core/errors.js';
import { jsonPath, type RefusedEntry } from '../core/import-report.js';
import type { RequireValid } from './fhir-validate.js';

/** Something that claims to be a resource, and where it stands in its file. */
export interface BundleEntry {
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly method: string | undefined;
  readonly resource: unknown;
}

/** A resource that conforms to R4, under the id it is stored by. */
export interface ValidEntry {
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly id: string;
  readonly resource: Resource;
}

const BUNDLE_TYPES = new Set(['transaction', 'batch', 'collection', 'searchset']);
/** What says "this is a resource of mine". A deletion or a patch would need a server behind it. */
const METHODS = new Set(['POST', 'PUT']);
const URN_UUID = /^urn:uuid:([0-9a-fA-F-]{36})$/;

/**
 * The entries of a bundle, or a resource alone as its one entry.
 *
 * @throws DomainError FHIR_INVALID if it is neither.
 */
export function entriesOf(json: unknown): readonly BundleEntry[] {
  const { resourceType, type, entry } = asObject(json);
  if (typeof resourceType !== 'string') {
    throw new DomainError('FHIR_INVALID', { detail: 'resourceType is missing' });
  }
  if (resourceType !== 'Bundle') {
    return [{ path: '', fullUrl: undefined, method: undefined, resource: json }];
  }
  if (typeof type !== 'string' || !BUNDLE_TYPES.has(type)) {
    const taken = [...BUNDLE_TYPES].join(', ');
    throw new DomainError('FHIR_INVALID', { detail: `Bundle.type is not one of ${taken}` });
  }
  if (entry !== undefined && !Array.isArray(entry)) {
    throw new DomainError('FHIR_INVALID', { detail: 'Bundle.entry is not a list' });
  }
  return (entry ?? []).map((one: unknown, index) => {
    const { fullUrl, request, resource } = asObject(one);
    const { method } = asObject(request);
    return {
      path: jsonPath('entry', index, 'resource'),
      fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
      method: typeof method === 'string' ? method : undefined,
      resource,
    };
  });
}

/** Tells the entries that conform to R4 from the others, which are refused one by one. */
export function validateEntries(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
): { readonly valid: readonly ValidEntry[]; readonly refused: readonly RefusedEntry[] } {
  const valid: ValidEntry[] = [];
  const refused: RefusedEntry[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    try {
      const checked = requireEntry(entry, requireValid);
      for (const name of [`${checked.type}/${checked.id}`, checked.fullUrl]) {
        if (name !== undefined && names.has(name)) throw invalid('its id or fullUrl occurs twice');
      }
      names.add(`${checked.type}/${checked.id}`);
      if (checked.fullUrl !== undefined) names.add(checked.fullUrl);
      valid.push(checked);
    } catch (failure) {
      refused.push(refusalOf(entry, failure));
    }
  }
  return { valid, refused };
}

/** Names a resource in a report: its place, its type and its id, nothing that it says. */
export function refusalOf(
  { path, resource }: Pick<BundleEntry, 'path' | 'resource'>,
  failure: unknown,
): RefusedEntry {
  if (!(failure instanceof DomainError)) throw failure;
  const { resourceType, id } = asObject(resource);
  const name = [resourceType, id].filter((part) => typeof part === 'string').join('/');
  return {
    path: name === '' ? path : `${path} (${name.slice(0, 140)})`.trim(),
    code: codeOf(failure),
    detail: String(failure.facts.detail ?? failure.message),
  };
}

function requireEntry(entry: BundleEntry, requireValid: RequireValid): ValidEntry {
  const { path, fullUrl, method } = entry;
  const resource: unknown = entry.resource;
  if (method !== undefined && !METHODS.has(method)) {
    throw invalid('request.method is neither POST nor PUT');
  }
  if (resource === undefined) throw invalid('the entry has no resource');
  requireValid(resource);
  const text = JSON.stringify(resource);
  // PostgreSQL stores neither; FHIR allows neither, but the validator lets them pass.
  if (text.includes('\\u0000') || /\\ud[89a-f]/i.test(text)) {
    throw invalid('a string holds U+0000 or half a surrogate pair');
  }
  const id = resource.id ?? URN_UUID.exec(fullUrl ?? '')?.[1] ?? sha256Hex(canonicalJson(resource));
  return { path, fullUrl, type: resource.resourceType, id: id.slice(0, 64), resource };
}

function invalid(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
