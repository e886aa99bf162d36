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

/** A parsed resource that is ready to store; only what is already stored can still prevent it. */
export interface PreparedResource extends ResourceRows {
  readonly order: number;
  readonly path: string;
  /** Whether it should name a patient but does not: it is stored, but belongs to nobody. */
  readonly lacksPatient: boolean;
  /** The element that keeps it from becoming a row. */
  readonly withheldBy: string | undefined;
  /** For a Patient: whom it replaces or is replaced by. */
  readonly links: PatientLinks;
  /** The version that must be stored (FHIR's ifMatch). */
  readonly ifMatch?: string | undefined;
  readonly creates?: boolean | undefined;
  /** Whether it says that it was entered in error. */
  readonly isRetraction: boolean;
}

/**
 * One step of an import: a resource to store, one to delete, one that exists already, or one that
 * waits.
 */
export type PreparedEntry = PreparedResource | DeletedEntry | MatchedEntry | WaitingEntry;

/** An existing resource that a conditional create found, so that nothing changes. */
export interface MatchedEntry {
  readonly order: number;
  readonly path: string;
  readonly isMatched: true;
}

/** A resource whose conditional reference finds nothing yet; refused if that does not change. */
export interface WaitingEntry extends RefusedResource {
  readonly path: string;
  readonly isUnmatched: true;
}

/** Whether an entry is a resource to store. */
export function isResource(entry: PreparedEntry): entry is PreparedResource {
  return 'whole' in entry;
}

/**
 * Entries prepared without a database: only strings and numbers, so that a thread can send them.
 */
export interface Prepared {
  /** In order. */
  readonly entries: readonly PreparedEntry[];
  /** In order. */
  readonly refused: readonly RefusedResource[];
  /** For lines, in order: those with searches, which cannot be prepared without the database. */
  readonly asking?: readonly NumberedLine[];
}

/** A line of a file, from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/**
 * Maximum number of objects and lists in a line. A resource has about a hundred, even with a
 * document in it. A line made only of objects would take the validator a gigabyte.
 */
export const MAX_LINE_OBJECTS = 100_000;

/** Entries that belong together, and what they search for. */
export interface ValidatedEntries extends SortedEntries {
  readonly asked: readonly Asked[];
}

/** Validates entries that may refer to each other by fullUrl. */
export function validateTogether(
  entries: readonly BundleEntry[],
  requireValid: RequireValid,
  origin: Origin,
): ValidatedEntries {
  const sorted = validateEntries(entries, requireValid, { distinct: true, origin });
  return { ...sorted, asked: askedBy(sorted.valid) };
}

/** Like validateTogether, for a line. */
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

/** Validates and parses independent lines: each is a resource, or a bundle with its own entries. */
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

/** @returns the refusals sorted by place, whichever check found them. */
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
  // Brackets in strings count too: no real resource embeds a text with a hundred thousand of them.
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
 * @param stored - the results of their searches; undefined if there are none.
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

/** Hash of a resource without its version, so that equal content has the same hash. */
function contentHash(json: Resource, canonical: string): string {
  const { meta, ...content } = json;
  if (meta?.versionId === undefined && meta?.lastUpdated === undefined) return sha256Hex(canonical);
  const rest = unversioned(meta);
  return sha256Hex(canonicalExactJson(rest === undefined ? content : { ...content, meta: rest }));
}
