import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { DomainError } from '../core/errors.js';
import { parseJson } from '../core/json-file.js';
import { readRecord } from './fhir.js';
import {
  type BundleEntry,
  type Refusal,
  refusalOf,
  type ValidEntry,
  validateEntries,
} from './fhir-bundle.js';
import { parsePatient } from './fhir-patient.js';
import { namesByFullUrl, resolveReferences, subjectOf } from './fhir-reference.js';
import { type ResourceRows, resourceRowsOf } from './fhir-store.js';
import type { RequireValid } from './fhir-validate.js';

/** A resource that only its subject can still keep from being stored. */
export interface PreparedResource extends ResourceRows {
  readonly order: number;
  readonly path: string;
  /** The element that keeps it from being told as a row. */
  readonly withheldBy: string | undefined;
}

/** Entries apart from any database: strings and numbers alone, so that a thread can hand them over. */
export interface Prepared {
  readonly resources: readonly PreparedResource[];
  /** In order. */
  readonly refused: readonly Refusal[];
}

/** A line of a file, from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/**
 * Objects and lists in one line at most. A resource has a hundred, with a document in it no more; a
 * line of nothing else would be a gigabyte to the validator.
 */
export const MAX_LINE_OBJECTS = 100_000;

/** Validates and parses what belongs together: the entries may refer to each other by fullUrl. */
export function prepareEntries(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
  source: string,
): Prepared {
  return prepare(validateEntries(entries, requireValid, { distinct: true }), source);
}

/** Validates and parses lines that stand alone, a resource each. */
export function prepareLines(
  lines: readonly NumberedLine[],
  requireValid: RequireValid,
  source: string,
): Prepared {
  const entries: BundleEntry[] = [];
  const unread: Refusal[] = [];
  for (const { number, text } of lines) {
    const place = { order: number, path: `line ${number}` };
    try {
      requireFewObjects(text);
      entries.push({ ...place, fullUrl: undefined, method: undefined, resource: parseJson(text) });
    } catch (failure) {
      unread.push({ order: number, entry: refusalOf({ ...place, resource: null }, failure) });
    }
  }
  const { valid, refused } = validateEntries(entries, requireValid, { distinct: false });
  return prepare({ valid, refused: [...unread, ...refused] }, source);
}

/** @returns the refusals by their place, whatever found them. */
export function inOrder(refused: readonly Refusal[]): readonly Refusal[] {
  return refused.toSorted((a, b) => a.order - b.order);
}

/** Why a resource waits for its patient, or is refused for the lack of one. */
export function unresolved(): DomainError {
  return new DomainError('FHIR_REFERENCE_UNRESOLVED', {
    detail: 'its subject is neither in the input nor stored',
  });
}

function requireFewObjects(text: string): void {
  if (text.length < MAX_LINE_OBJECTS) return;
  let objects = 0;
  // In strings too: whoever embeds a text of a hundred thousand brackets can do without one.
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{' || text[at] === '[') objects += 1;
  }
  if (objects > MAX_LINE_OBJECTS) {
    throw new DomainError('INPUT_TOO_LARGE', { objects, most: MAX_LINE_OBJECTS });
  }
}

function prepare({ valid, refused }: ReturnType<typeof validateEntries>, source: string): Prepared {
  const names = namesByFullUrl(valid);
  const resources: PreparedResource[] = [];
  const unparsable: Refusal[] = [];
  for (const entry of valid) {
    try {
      resources.push(prepareResource(entry, names, source));
    } catch (failure) {
      unparsable.push({ order: entry.order, entry: refusalOf(entry, failure) });
    }
  }
  return { resources, refused: inOrder([...refused, ...unparsable]) };
}

function prepareResource(
  { order, path, type, id, resource, text }: ValidEntry,
  names: ReadonlyMap<string, string>,
  source: string,
): PreparedResource {
  const resolved = resolveReferences(resource, names);
  const json = resolved.id === id ? resolved : { ...resolved, id };
  const subject = subjectOf(json);
  if (subject.kind === 'unresolvable') throw unresolved();
  const canonical = json === resource ? text : canonicalJson(json);
  const { record, withheldBy } = readRecord(json);
  const rows = resourceRowsOf({
    type,
    id,
    patientId: subject.kind === 'patient' ? subject.id : null,
    source,
    hash: sha256Hex(canonical),
    text: canonical,
    json,
    record,
    patient: json.resourceType === 'Patient' ? parsePatient(json) : undefined,
  });
  return { ...rows, order, path, withheldBy };
}
