import type { Resource } from '@medplum/fhirtypes';
import { DomainError } from '../../../core/errors.js';
import { type Criteria, readConditionalUrl, readCriteria } from './criteria.js';
import { digestOf, identifiersOf } from './identifiers.js';

/** The conditions in Bundle.entry.request, as written there. */
export interface RequestConditions {
  readonly ifNoneExist?: unknown;
  readonly ifMatch?: unknown;
  readonly ifNoneMatch?: unknown;
  readonly ifModifiedSince?: unknown;
}

/** The conditions of a write. */
export interface WriteConditions {
  /**
   * CREATE: nothing happens if a resource meets the criteria. UPDATE: the resource that meets them
   * is written.
   */
  readonly search?: { readonly kind: 'CREATE' | 'UPDATE'; readonly criteria: Criteria };
  /** The meta.versionId that must be the stored one. */
  readonly ifMatch?: string;
}

interface Request {
  readonly method: string | undefined;
  readonly url?: string | undefined;
  readonly conditions?: RequestConditions | undefined;
}

const READS = ['ifNoneMatch', 'ifModifiedSince'] as const;
const NONE: WriteConditions = {};

/**
 * Parses the conditions of a create or an update.
 *
 * @throws DomainError FHIR_CONDITION_UNSUPPORTED for criteria other than one identifier and for the
 *   conditions of reads; FHIR_INVALID for a condition of another method, or for an identifier that
 *   the resource itself does not have, because repeating the request would create the resource
 *   again.
 * @source R4 http.html#ccreate, http.html#cond-update, http.html#concurrency
 */
export function writeConditionsOf(request: Request, resource: Resource): WriteConditions {
  const { method, url = '', conditions = {} } = request;
  const ifMatch = ifMatchOf(request);
  const { ifNoneExist } = conditions;
  const { resourceType: type } = resource;
  if (ifNoneExist !== undefined) {
    if (method !== 'POST') throw invalid('request.ifNoneExist is only for a POST');
    const query = typeof ifNoneExist === 'string' ? ifNoneExist : '';
    const criteria = criteriaFor(query, type, 'request.ifNoneExist');
    requireOwn(criteria, resource, 'request.ifNoneExist');
    return { search: { kind: 'CREATE', criteria } };
  }
  if (method !== 'PUT' || !url.includes('?')) return ifMatch === undefined ? NONE : { ifMatch };
  const criteria = criteriaFor(url, type, 'request.url of a PUT');
  requireOwn(criteria, resource, 'request.url of a PUT');
  return { search: { kind: 'UPDATE', criteria }, ...(ifMatch === undefined ? {} : { ifMatch }) };
}

/**
 * The version that a PUT or a DELETE is meant for.
 *
 * @throws DomainError FHIR_INVALID, FHIR_CONDITION_UNSUPPORTED.
 */
export function ifMatchOf({ method, conditions = {} }: Request): string | undefined {
  for (const name of READS) {
    if (conditions[name] === undefined) continue;
    const detail = `request.${name} is a condition for reads`;
    throw new DomainError('FHIR_CONDITION_UNSUPPORTED', { detail });
  }
  const { ifMatch } = conditions;
  if (ifMatch === undefined) return undefined;
  if (method !== 'PUT' && method !== 'DELETE') {
    throw invalid('request.ifMatch is only for a PUT or a DELETE');
  }
  const [, version] = /^(?:W\/)?"([A-Za-z0-9.-]{1,64})"$/.exec(String(ifMatch)) ?? [];
  if (version === undefined) throw invalid('request.ifMatch is not W/"versionId"');
  return version;
}

/** Senders write only the part after the `?`, or the whole search URL. */
function criteriaFor(search: string, type: string, place: string): Criteria {
  const url = readConditionalUrl(search) ?? { type, query: search.replace(/^\?/, '') };
  if (url.type !== type) throw invalid(`${place} names another type than the resource`);
  return readCriteria(url, place);
}

function requireOwn({ system, value }: Criteria, resource: Resource, place: string): void {
  const asked = digestOf(system ?? '', value);
  const isOwn = identifiersOf(resource).some(
    (own) => own.value === asked.value && (system === undefined || own.system === asked.system),
  );
  if (!isOwn) throw invalid(`${place} names an identifier that the resource does not have`);
}

function invalid(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail });
}
