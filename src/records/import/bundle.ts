import type { Resource } from '@medplum/fhirtypes';
import { sha256Hex } from '../../core/canonical.js';
import { systemClock } from '../../core/clock.js';
import { codeOf, DomainError } from '../../core/errors.js';
import { canonicalExactJson } from '../../core/import/exact-json.js';
import { jsonPath, type RefusedEntry } from '../../core/import/import-report.js';
import {
  isId,
  MAX_URL_CHARACTERS,
  originOf,
  type ResourceName,
  readName,
  type Server,
  UNNAMED_SERVER,
  uuidOf,
} from '../identity/server.js';
import { readConditionalUrl } from './conditional/criteria.js';
import {
  ifMatchOf,
  type RequestConditions,
  type WriteConditions,
  writeConditionsOf,
} from './conditional/request.js';
import type { RequireValid } from './validate.js';
import { instantKey, isFromFuture, isSubsetted, versionOf } from './version/version.js';

/** Where the entries of one file come from. */
export interface Origin {
  /** The file's name, in the report and in the stored rows. */
  readonly source: string;
  /** The server of resources that do not name another. */
  readonly server: Server;
  /** Whether ids of more than 64 characters are accepted and kept in a table. */
  readonly longIds: boolean;
}

/** Something that claims to be a resource or a deletion, and where it is in its file. */
export interface BundleEntry {
  /** Its index among the others, by which refusals are sorted. */
  readonly order: number;
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly method: string | undefined;
  /** request.url: what is deleted or written. */
  readonly url?: string | undefined;
  /** The latest possible time of a deletion, as instantKey writes it. */
  readonly deletedAt?: string | null;
  /** None in a history, whose requests were already answered. */
  readonly conditions?: RequestConditions | undefined;
  readonly resource: unknown;
}

/**
 * A resource that conforms to R4, and the name that it is stored under, unless its conditions lead
 * to another resource (conditional/settle.ts).
 */
export interface ValidEntry extends WriteConditions {
  readonly order: number;
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly name: ResourceName;
  readonly resource: Resource;
  /** Its canonical JSON. */
  readonly text: string;
  /** Whether nothing met its condition, so that it must not replace anything. */
  readonly creates?: boolean;
}

/** A resource that a server says was deleted. */
export interface DeletedEntry {
  readonly order: number;
  readonly path: string;
  readonly name: ResourceName;
  readonly deletedAt: string | null;
  /** The meta.versionId that must be the stored one. */
  readonly ifMatch?: string | undefined;
}

/** Bundle types that hold records. A response only says what a server did with some. */
const BUNDLE_TYPES = new Set([
  ...['document', 'message', 'transaction', 'batch', 'history', 'searchset', 'collection'],
]);
/** Methods that carry a resource. A PATCH would need a server. */
const METHODS = new Set(['POST', 'PUT']);
/** Resources about a server or a request. A Bundle is opened only as the file or a line. */
const NO_RECORDS = new Set(['OperationOutcome', 'Parameters']);
/**
 * U+0000 or a lone surrogate as canonical JSON escapes it, not an escaped backslash followed by the
 * same text.
 */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Where the entries of a bundle, or a single resource, are in their file. */
export interface EntryPlace {
  /** Number of the line that all the entries are in. */
  readonly line?: number;
}

/** The path of a line in a report, counted from 1. */
export function linePath(line: number): string {
  return `line ${line}`;
}

/**
 * The entries of a bundle, or a single resource as the only entry.
 *
 * @throws DomainError FHIR_INVALID if it is neither a bundle nor a resource.
 */
export function entriesOf(json: unknown, { line }: EntryPlace = {}): readonly BundleEntry[] {
  const bundle = asObject(json);
  const { resourceType, type, entry } = bundle;
  if (typeof resourceType !== 'string') throw invalid('resourceType is missing');
  const start = line === undefined ? '' : linePath(line);
  if (resourceType !== 'Bundle') {
    const alone = { fullUrl: undefined, method: undefined, resource: json };
    return [{ order: line ?? 0, path: start, ...alone }];
  }
  if (typeof type !== 'string' || !BUNDLE_TYPES.has(type)) {
    throw invalid(`Bundle.type is not one of ${[...BUNDLE_TYPES].join(', ')}`);
  }
  if (entry !== undefined && !Array.isArray(entry)) throw invalid('Bundle.entry is not a list');
  const toldAt = timeOf(bundle);
  return (entry ?? []).map((one: unknown, index) => {
    const { fullUrl, request, response, resource } = asObject(one);
    const { method, url, ...conditions } = asObject(request);
    const path = jsonPath('entry', index, ...(resource === undefined ? [] : ['resource']));
    return {
      order: line ?? index,
      path: `${start} ${path}`.trim(),
      fullUrl: textOf(fullUrl),
      method: textOf(method),
      url: textOf(url),
      ...(type === 'history' ? answered({ method, url }) : { conditions }),
      deletedAt: instantOf(asObject(response).lastModified) ?? toldAt,
      resource,
    };
  });
}

/**
 * A request in a history was already answered: its resource has an id, and its conditions no longer
 * count.
 */
function answered({ method, url }: Readonly<Record<string, unknown>>) {
  const isSearch = method === 'PUT' && readConditionalUrl(textOf(url) ?? '') !== undefined;
  return { conditions: undefined, ...(isSearch ? { url: undefined } : {}) };
}

/** When a bundle was made: its deletions happened no later than that. */
function timeOf({ meta, timestamp }: Readonly<Record<string, unknown>>): string | null {
  return instantOf(asObject(meta).lastUpdated) ?? instantOf(timestamp);
}

function instantOf(value: unknown): string | null {
  return typeof value === 'string' ? instantKey(value) : null;
}

/** An entry that was refused, and its index among the others. */
export interface RefusedResource {
  readonly order: number;
  readonly entry: RefusedEntry;
}

/** Entries by what they are; each is in exactly one of the three lists. */
export interface SortedEntries {
  readonly valid: readonly ValidEntry[];
  readonly deleted: readonly DeletedEntry[];
  readonly refused: readonly RefusedResource[];
}

/**
 * Separates the entries that conform to R4 from the others, which are refused individually.
 *
 * @param distinct - whether an id or fullUrl may occur only once per version: so in a bundle, by
 *   R4's bdl-7 and because other entries refer to it.
 */
export function validateEntries(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
  { distinct, origin }: { readonly distinct: boolean; readonly origin: Origin },
): SortedEntries {
  const valid: ValidEntry[] = [];
  const deleted: DeletedEntry[] = [];
  const refused: RefusedResource[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    try {
      requireReadableUrls(entry);
      if (entry.method === 'DELETE') deleted.push(toDeletion(entry, origin));
      else {
        const checked = requireEntry(entry, requireValid, origin);
        if (distinct) requireNew(names, checked);
        valid.push(checked);
      }
    } catch (failure) {
      refused.push({ order: entry.order, entry: refusedResource(entry, failure) });
    }
  }
  return { valid, deleted, refused };
}

/** If the fullUrl were ignored, the entry would be attributed to the wrong server. */
function requireReadableUrls({ fullUrl, url = '' }: BundleEntry): void {
  if (Math.max(fullUrl?.length ?? 0, url.length) > MAX_URL_CHARACTERS) {
    throw invalid(`fullUrl or request.url has more than ${MAX_URL_CHARACTERS} characters`);
  }
  if (fullUrl === undefined || ABSOLUTE_URL.test(fullUrl)) return;
  throw invalid('fullUrl is not an absolute URL');
}

/** @source R4 bundle.html: fullUrl is "the absolute URL for the resource" */
const ABSOLUTE_URL = /^[a-z][a-z0-9+.-]*:[^\s]+$/i;

function requireNew(names: Set<string>, { name, fullUrl, resource, search }: ValidEntry): void {
  const version = resource.meta?.versionId ?? '';
  // For a conditional entry the name is known only later.
  const own = search === undefined ? [JSON.stringify([name, version])] : [];
  if (fullUrl !== undefined) own.push(JSON.stringify([fullUrl, version]));
  if (own.some((one) => names.has(one))) {
    throw invalid('its id or fullUrl occurs twice under the same meta.versionId');
  }
  for (const one of own) names.add(one);
}

/** Names a resource in a report: path, type and id, never its content. */
export function refusedResource(
  { path, resource }: Pick<BundleEntry, 'path' | 'resource'>,
  failure: unknown,
): RefusedEntry {
  if (!(failure instanceof DomainError)) throw failure;
  const { resourceType, id } = asObject(resource);
  const type = typeof resourceType === 'string' && /^[A-Za-z]{1,64}$/.test(resourceType);
  // An invalid id could be anything, such as the patient's name.
  const parts = [type ? resourceType : '', typeof id === 'string' && isId(id) ? id : ''];
  const name = parts.filter((part) => part !== '').join('/');
  return {
    path: name === '' ? path : `${path} (${name})`.trim(),
    code: codeOf(failure),
    detail: String(failure.facts.detail ?? failure.message),
  };
}

function requireEntry(entry: BundleEntry, requireValid: RequireValid, origin: Origin): ValidEntry {
  const { order, path, fullUrl, method } = entry;
  const resource: unknown = entry.resource;
  if (method !== undefined && !METHODS.has(method)) {
    throw invalid('request.method is not POST, PUT or DELETE');
  }
  if (resource === undefined) throw invalid('the entry has no resource');
  requireRecord(resource);
  requireValid(resource);
  if (isSubsetted(resource.meta)) throw new DomainError('FHIR_SUBSETTED');
  requirePast(versionOf(resource.meta).updated, `${resource.resourceType}.meta.lastUpdated`);
  // Neither PostgreSQL nor FHIR allows these, but the validator does.
  const text = canonicalExactJson(resource);
  if (text.includes('\\u') && UNSTORABLE.test(text)) {
    throw invalid('a string holds U+0000 or half a surrogate pair');
  }
  const id = method === 'PUT' ? idOfPut(entry.url, resource, origin) : resource.id;
  const name = nameOf({ ...resource, id } as Resource, ownUrl(entry), text, origin);
  return { order, path, fullUrl, name, resource, text, ...writeConditionsOf(entry, resource) };
}

function requireRecord(resource: unknown): void {
  const { resourceType } = asObject(resource);
  if (typeof resourceType !== 'string') return;
  if (NO_RECORDS.has(resourceType)) {
    const detail = `${resourceType} is about a server or a request`;
    throw new DomainError('FHIR_NOT_A_RECORD', { detail });
  }
  if (resourceType === 'Bundle') throw invalid('a Bundle within a Bundle is not opened');
}

/**
 * The server and the id of a resource.
 *
 * @throws DomainError FHIR_INVALID if the id does not have R4's form, or fullUrl names another.
 */
function nameOf(
  { resourceType: type, id }: Resource,
  fullUrl: string | undefined,
  text: string,
  { server, longIds }: Origin,
): ResourceName {
  if (id !== undefined && !isId(id, { longIds })) throw badId(type, longIds);
  if (fullUrl === undefined) return { server, type, id: id ?? sha256Hex(text) };
  const uuid = uuidOf(fullUrl);
  if (uuid !== undefined) return { server, type, id: id ?? uuid };
  const named = /^https?:/i.test(fullUrl) ? readName(fullUrl, UNNAMED_SERVER) : undefined;
  if (named === undefined) {
    return { server: originOf(fullUrl) ?? server, type, id: id ?? sha256Hex(text) };
  }
  if (!isId(named.id, { longIds })) throw badId(type, longIds);
  if (named.type === type && (id === undefined || named.id === id)) return named;
  throw invalid('fullUrl names another type or id than the resource');
}

/**
 * The URL that an entry gives its resource. The absolute URL of a PUT is preferred to a urn:uuid.
 */
function ownUrl({ fullUrl, method, url = '' }: BundleEntry): string | undefined {
  const isPlaced = fullUrl !== undefined && /^https?:/i.test(fullUrl);
  return method === 'PUT' && /^https?:/i.test(url) && !isPlaced ? url : fullUrl;
}

/**
 * The id that a PUT names: the resource itself may lack the id.
 *
 * @throws DomainError FHIR_INVALID if it names another resource than the one it carries, or names
 *   none by id.
 */
function idOfPut(
  url: string | undefined,
  { resourceType: type, id }: Resource,
  { server }: Origin,
): string | undefined {
  if (url === undefined || readConditionalUrl(url) !== undefined) return id;
  const named = readName(url, server);
  if (named === undefined) {
    throw invalid('request.url of a PUT is neither Type/id nor Type?identifier=');
  }
  if (named.type === type && (id === undefined || named.id === id)) return named.id;
  throw invalid('request.url of a PUT names another type or id than the resource');
}

function badId(type: string, longIds: boolean): DomainError {
  const most = longIds ? 255 : 64;
  return invalid(`${type}.id is not 1 to ${most} of A-Z a-z 0-9 - .`);
}

/**
 * @throws DomainError FHIR_INVALID for a time in the future, which would outrank every later
 *   version.
 */
function requirePast(time: string | null, element: string): void {
  if (isFromFuture(time, systemClock.nowMs())) throw invalid(`${element} is after now`);
}

/**
 * The resource that a DELETE names: by its fullUrl, or without one by its URL, relative to the
 * file's server. With a fullUrl no other server's record can be meant.
 *
 * @throws DomainError FHIR_INVALID if it names no resource by id, as a conditional DELETE does, or
 *   if its time is in the future.
 */
function toDeletion(entry: BundleEntry, { server, longIds }: Origin): DeletedEntry {
  const { order, path, fullUrl, url, deletedAt = null } = entry;
  const ifMatch = ifMatchOf(entry);
  if (url === undefined) throw invalid('request.url is missing: it names what is deleted');
  const named = readName(url, server);
  if (named === undefined || !isId(named.id, { longIds }) || url.includes('/_history/')) {
    throw invalid(
      'request.url of a DELETE is not Type/id: conditions and versions are not supported',
    );
  }
  requirePast(deletedAt, 'response.lastModified, or the time of the Bundle,');
  if (fullUrl === undefined) return { order, path, name: named, deletedAt, ifMatch };
  // A fullUrl that is not a resource's URL still names a host.
  const host = { ...named, server: originOf(fullUrl) ?? named.server };
  const name = readName(fullUrl, server) ?? host;
  if (name.type !== named.type || name.id !== named.id) {
    throw invalid('fullUrl and request.url of a DELETE name different resources');
  }
  if (/^https?:/i.test(url) && name.server !== named.server) {
    throw invalid('fullUrl and request.url name two servers');
  }
  return { order, path, name, deletedAt, ifMatch };
}

function invalid(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
