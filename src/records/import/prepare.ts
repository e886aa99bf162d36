import type { Resource } from '@medplum/fhirtypes';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { canonicalExactJson } from '../../core/import/exact-json.js';
import { parseJson } from '../../core/import/json-file.js';
import { isRetraction } from '../fhir/entered-in-error.js';
import { modifierAgainst } from '../fhir/modifiers.js';
import { isId, UNNAMED_SERVER } from '../identity/server.js';
import { readRecord } from '../kinds/parse-record.js';
import {
  type BundleEntry,
  type DeletedEntry,
  entriesOf,
  linePath,
  type Origin,
  type RefusedResource,
  refusedResource,
  type SortedEntries,
  type ValidEntry,
  validateEntries,
} from './bundle.js';
import { askedBy } from './conditional/asked.js';
import type { Asked, StoredMatches } from './conditional/matches.js';
import { settle } from './conditional/settle.js';
import { type PatientLinks, patientLinksOf } from './merge/patient-links.js';
import { parsePatient } from './patient.js';
import {
  isUnmatched,
  namesByFullUrl,
  type ReferenceTargets,
  resolveReferences,
  subjectOf,
} from './reference.js';
import { type ResourceRows, resourceRowsOf } from './resource-rows.js';
import type { RequireValid } from './validate.js';
import { unversioned, versionOf } from './version/version.js';

/** A resource that only what is stored can still keep from being stored. */
export interface PreparedResource extends ResourceRows {
  readonly order: number;
  readonly path: string;
  /** Whether a patient is missing who should be told: it is kept, and nobody's. */
  readonly lacksPatient: boolean;
  /** The element that keeps it from being told as a row. */
  readonly withheldBy: string | undefined;
  /** Of a Patient, whom it replaces or is replaced by. */
  readonly links: PatientLinks;
  /** On what it depends that a version is stored (FHIR's ifMatch), or that none is. */
  readonly ifMatch?: string | undefined;
  readonly creates?: boolean | undefined;
  /** Whether it says that it was entered in error. */
  readonly isRetraction: boolean;
}

/** What an import does, in order: a resource to store, or one to delete. */
export type PreparedEntry = PreparedResource | DeletedEntry | MatchedEntry | WaitingEntry;

/** What a conditional creation found there, so that it changes nothing. */
export interface MatchedEntry {
  readonly order: number;
  readonly path: string;
  readonly isMatched: true;
}

/** A resource whose conditional reference finds nothing yet; refused if nothing comes. */
export interface WaitingEntry extends RefusedResource {
  readonly path: string;
  readonly isUnmatched: true;
}

/** An entry whose kind is to be stored. */
export function isResource(entry: PreparedEntry): entry is PreparedResource {
  return 'whole' in entry;
}

/** Entries apart from any database: strings and numbers alone, so that a thread can hand them over. */
export interface Prepared {
  /** In order. */
  readonly entries: readonly PreparedEntry[];
  /** In order. */
  readonly refused: readonly RefusedResource[];
  /** In order, of lines: those that ask for what is stored, and cannot be prepared without it. */
  readonly asking?: readonly NumberedLine[];
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

/** Entries that belong together, and what they ask for. */
export interface ValidatedEntries extends SortedEntries {
  readonly asked: readonly Asked[];
}

/** Validates what belongs together: the entries may refer to each other by fullUrl. */
export function validateTogether(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
  origin: Origin,
): ValidatedEntries {
  const sorted = validateEntries(entries, requireValid, { distinct: true, origin });
  return { ...sorted, asked: askedBy(sorted.valid) };
}

/** As validateTogether, of a line. */
export function validateLine(
  { number, text }: NumberedLine,
  requireValid: RequireValid,
  origin: Origin,
): ValidatedEntries {
  let json: unknown;
  try {
    requireFewObjects(text);
    json = parseJson(text);
    return validateTogether(entriesOf(json, { line: number }), requireValid, origin);
  } catch (failure) {
    const place = { path: linePath(number), resource: json };
    const refused = [{ order: number, entry: refusedResource(place, failure) }];
    return { valid: [], deleted: [], asked: [], refused };
  }
}

/** Validates and parses lines that stand alone: a resource each, or a bundle with its own entries. */
export function prepareLines(
  lines: readonly NumberedLine[],
  requireValid: RequireValid,
  origin: Origin,
): Prepared {
  const asking: NumberedLine[] = [];
  const prepared = lines.flatMap((line) => {
    const validated = validateLine(line, requireValid, origin);
    if (validated.asked.length === 0) return [prepare(validated, origin)];
    asking.push(line);
    return [];
  });
  return {
    entries: prepared.flatMap(({ entries }) => entries),
    refused: prepared.flatMap(({ refused }) => refused),
    ...(asking.length === 0 ? {} : { asking }),
  };
}

/** @returns the refusals by their place, whatever found them. */
export function inOrder(refused: readonly RefusedResource[]): readonly RefusedResource[] {
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

/**
 * Parses entries that belong together.
 *
 * @param stored - what meets what they ask for; undefined if they ask for nothing.
 */
export function prepare(
  { valid, deleted, refused }: SortedEntries,
  origin: Origin,
  stored?: StoredMatches,
): Prepared {
  const { written, matched, ...settled } = settle({ valid, deleted }, stored);
  const targets = { ...settled, names: namesByFullUrl([...written, ...matched]) };
  const entries: PreparedEntry[] = [...deleted];
  for (const { order, path } of matched) entries.push({ order, path, isMatched: true });
  const unparsable: RefusedResource[] = [];
  for (const entry of written) {
    try {
      entries.push(prepareResource(entry, targets, origin));
    } catch (failure) {
      const { order, path } = entry;
      const refusal = { order, entry: refusedResource(entry, failure) };
      if (isUnmatched(failure)) entries.push({ ...refusal, path, isUnmatched: true });
      else unparsable.push(refusal);
    }
  }
  if (deleted.length + matched.length > 0) entries.sort((a, b) => a.order - b.order);
  return { entries, refused: inOrder([...refused, ...settled.refused, ...unparsable]) };
}

function prepareResource(
  { order, path, name, resource, text, ifMatch, creates }: ValidEntry,
  targets: ReferenceTargets,
  { source, longIds }: Origin,
): PreparedResource {
  const isPlain = targets.names.size + targets.renamed.size === 0 && !text.includes('?');
  const resolved =
    isPlain && name.server === UNNAMED_SERVER
      ? resource
      : resolveReferences(resource, targets, name.server);
  const json = resolved.id === name.id ? resolved : { ...resolved, id: name.id };
  const subject = subjectOf(json, name);
  if (subject.kind === 'unresolvable') throw unresolved();
  const patient = subject.kind === 'patient' ? subject.name : null;
  if (patient !== null && !isId(patient.id, { longIds })) throw unresolved();
  const canonical = json === resource ? text : canonicalExactJson(json);
  const read = readRecord(json);
  const withheldBy = json.resourceType === 'Patient' ? modifierAgainst(json) : read.withheldBy;
  const rows = resourceRowsOf({
    name,
    subject: patient,
    source,
    hash: contentHash(json, canonical),
    version: versionOf(json.meta),
    text: canonical,
    json,
    record: read.record,
    patient: json.resourceType === 'Patient' ? parsePatient(json, withheldBy) : undefined,
  });
  const { server } = name;
  const links = json.resourceType === 'Patient' ? patientLinksOf(json, { server, longIds }) : [];
  const lacksPatient = subject.kind === 'missing';
  const about = { lacksPatient, withheldBy, links, isRetraction: isRetraction(json) };
  return { ...rows, order, path, ...about, ifMatch, creates };
}

/** Of a resource without what tells its versions apart, so that equal content has one hash. */
function contentHash(json: Resource, canonical: string): string {
  const { meta, ...content } = json;
  if (meta?.versionId === undefined && meta?.lastUpdated === undefined) return sha256Hex(canonical);
  const rest = unversioned(meta);
  return sha256Hex(canonicalExactJson(rest === undefined ? content : { ...content, meta: rest }));
}
