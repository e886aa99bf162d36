import { fromBytes32, toBytes32 } from '../../core/bytes32.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { DomainError } from '../../core/errors.js';
import {
  type Evidence,
  type EvidenceProof,
  hashOfPart,
  OUTLINE,
  type ShownPart,
  WHOLE_RECORD,
} from '../../core/evidence/evidence.js';

/** A record as it was received, without its evidence. */
export type ReceivedRecord = Readonly<Record<string, unknown>>;

/**
 * How much of what was logged a record shows. Every field of the record is in `whole` or in `some`.
 */
export interface RecordCoverage {
  /** Fields that show exactly what was logged. */
  readonly whole: readonly string[];
  /** Lists of which the record has some items but not all. */
  readonly some: readonly { readonly field: string; readonly shown: number; readonly of: number }[];
  /** Logged fields that the record leaves out. */
  readonly notShown: readonly string[];
}

/** The only field of a record that is not logged: the anchor says who the custodian is. */
const CUSTODIAN = 'custodian';
const TYPENAME = '__typename';
const GRAPHQL_NAME = /^[_A-Za-z][_0-9A-Za-z]{0,99}$/;

type Parts = EvidenceProof['parts'];

/**
 * Requires that everything in a record was logged. The result names what was logged but left out,
 * so that an excerpt is not taken for the whole. An empty list is covered only if the log has none
 * either.
 *
 * @throws DomainError EVIDENCE_RECORD_MISMATCH naming the field.
 */
export function requireCovered(
  record: ReceivedRecord,
  { proof, anchor }: Evidence,
): RecordCoverage {
  const { [CUSTODIAN]: custodian, ...logged } = requireObject(withoutTypenames(record));
  if (custodian !== undefined && !isSame(custodian, { id: anchor.institution })) {
    throw mismatch(CUSTODIAN);
  }
  // An empty record would match any log.
  if (Object.keys(logged).length === 0) throw mismatch('(none)');
  const coverage = isOnePart(proof.parts)
    ? coverWhole(logged, proof.parts)
    : coverFields(logged, proof.parts);
  return custodian === undefined
    ? coverage
    : { ...coverage, whole: [...coverage.whole, CUSTODIAN] };
}

function isOnePart({ count, shown }: Parts): boolean {
  return count === 1 && shown[0]?.name === WHOLE_RECORD;
}

function coverWhole(record: ReceivedRecord, { outline, shown }: Parts): RecordCoverage {
  if (outline !== null) throw mismatch('(outline)');
  const [only] = shown;
  if (only === undefined || !isPart(only, record)) throw mismatch('(record)');
  return { whole: Object.keys(record), some: [], notShown: [] };
}

function coverFields(record: ReceivedRecord, parts: Parts): RecordCoverage {
  const outline = requireOutline(parts);
  const whole: string[] = [];
  const some: { field: string; shown: number; of: number }[] = [];
  for (const [field, value] of Object.entries(record)) {
    const of = outline.get(field);
    const items = of === undefined ? undefined : itemsCovered(field, value, { of, parts });
    if (of === undefined || items === undefined) throw mismatch(field);
    if (items === of) whole.push(field);
    else some.push({ field, shown: items, of });
  }
  const notShown = [...outline.keys()].filter((field) => !Object.hasOwn(record, field));
  return { whole, some, notShown };
}

/**
 * The outline is the first part and accounts for all the others, so that no part is outside of it.
 */
function requireOutline({ count, outline, shown }: Parts): ReadonlyMap<string, number> {
  const part = shown.find(({ name }) => name === OUTLINE);
  const counts = Object.entries(outline ?? {});
  const sum = counts.reduce((total, [, parts]) => total + parts, 1);
  const holds = part?.at === 0 && outline !== null && isPart(part, outline) && sum === count;
  if (!holds) throw mismatch('(outline)');
  return new Map(counts);
}

/**
 * How many logged parts of a field its value covers; undefined if it differs from what was logged.
 */
function itemsCovered(
  field: string,
  value: unknown,
  { of, parts }: { readonly of: number; readonly parts: Parts },
): number | undefined {
  const [single] = parts.shown.filter(({ name }) => name === field);
  if (single !== undefined) return of === 1 && isPart(single, value) ? 1 : undefined;
  // An empty list, where items were logged, would read as if there were none.
  if (!Array.isArray(value) || value.length > of || (value.length === 0 && of > 0))
    return undefined;
  const shown = parts.shown.filter(({ name }) => name === `${field}[]`);
  return areItems(value, shown) ? value.length : undefined;
}

/** Whether each item matches a different part. Both are sorted by the items' bytes. */
function areItems(items: readonly unknown[], shown: readonly ShownPart[]): boolean {
  const left = [...shown].sort((a, b) => a.at - b.at);
  const texts = items.map((item) => ({ item, text: canonicalJson(item) }));
  texts.sort((a, b) => (a.text < b.text ? -1 : 1));
  return texts.every(({ item }) => {
    const found = left.findIndex((part) => isPart(part, item));
    left.splice(0, found + 1);
    return found >= 0;
  });
}

function isPart({ name, salt, hash }: ShownPart, value: unknown): boolean {
  return toBytes32(hashOfPart(fromBytes32(salt), { name, value })) === hash;
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function requireObject(value: unknown): ReceivedRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mismatch('(record)');
  return value as ReceivedRecord;
}

/**
 * Clients add `__typename` to every selection; it belongs to the schema, not to the record. Only a
 * valid type name is removed: any other value there could pass as part of the record.
 */
function withoutTypenames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypenames);
  if (typeof value !== 'object' || value === null) return value;
  const { [TYPENAME]: typename = '_', ...members } = value as ReceivedRecord;
  const isName = typeof typename === 'string' && GRAPHQL_NAME.test(typename);
  if (!isName) throw mismatch(TYPENAME);
  const kept = Object.entries(members).map(([name, member]) => [name, withoutTypenames(member)]);
  return Object.fromEntries(kept);
}

export function mismatch(field: string): DomainError {
  return new DomainError('EVIDENCE_RECORD_MISMATCH', { field });
}
