import type { Resource } from '@medplum/fhirtypes';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { codeOf, DomainError } from '../core/errors.js';
import { jsonPath, type RefusedEntry } from '../core/import-report.js';
import type { RequireValid } from './fhir-validate.js';

/** Something that claims to be a resource, and where it stands in its file. */
export interface BundleEntry {
  /** Its place among the others, which refusals are listed by. */
  readonly order: number;
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly method: string | undefined;
  readonly resource: unknown;
}

/** A resource that conforms to R4, under the id it is stored by. */
export interface ValidEntry {
  readonly order: number;
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly id: string;
  readonly resource: Resource;
  /** Its canonical JSON. */
  readonly text: string;
}

const BUNDLE_TYPES = new Set(['transaction', 'batch', 'collection', 'searchset']);
/** What says "this is a resource of mine". A deletion or a patch would need a server behind it. */
const METHODS = new Set(['POST', 'PUT']);
/** U+0000 or a lone surrogate as canonical JSON writes it, behind no backslash that is itself text. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
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
    return [{ order: 0, path: '', fullUrl: undefined, method: undefined, resource: json }];
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
      order: index,
      path: jsonPath('entry', index, 'resource'),
      fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
      method: typeof method === 'string' ? method : undefined,
      resource,
    };
  });
}

/** An entry that was not taken, and its place among the others. */
export interface Refusal {
  readonly order: number;
  readonly entry: RefusedEntry;
}

/**
 * Tells the entries that conform to R4 from the others, which are refused one by one.
 *
 * @param distinct - whether an id or fullUrl may occur but once: in a bundle, by R4's bdl-7 and
 *   because others refer to it there.
 */
export function validateEntries(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
  { distinct }: { readonly distinct: boolean },
): { readonly valid: readonly ValidEntry[]; readonly refused: readonly Refusal[] } {
  const valid: ValidEntry[] = [];
  const refused: Refusal[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    try {
      const checked = requireEntry(entry, requireValid);
      if (distinct) requireNew(names, checked);
      valid.push(checked);
    } catch (failure) {
      refused.push({ order: entry.order, entry: refusalOf(entry, failure) });
    }
  }
  return { valid, refused };
}

function requireNew(names: Set<string>, { type, id, fullUrl }: ValidEntry): void {
  const own = [`${type}/${id}`, ...(fullUrl === undefined ? [] : [fullUrl])];
  if (own.some((name) => names.has(name))) throw invalid('its id or fullUrl occurs twice');
  for (const name of own) names.add(name);
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
  const { order, path, fullUrl, method } = entry;
  const resource: unknown = entry.resource;
  if (method !== undefined && !METHODS.has(method)) {
    throw invalid('request.method is neither POST nor PUT');
  }
  if (resource === undefined) throw invalid('the entry has no resource');
  requireValid(resource);
  // PostgreSQL stores neither; FHIR allows neither, but the validator lets them pass.
  const text = canonicalJson(resource);
  if (text.includes('\\u') && UNSTORABLE.test(text)) {
    throw invalid('a string holds U+0000 or half a surrogate pair');
  }
  const id = resource.id ?? URN_UUID.exec(fullUrl ?? '')?.[1] ?? sha256Hex(text);
  return { order, path, fullUrl, type: resource.resourceType, id: id.slice(0, 64), resource, text };
}

function invalid(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
