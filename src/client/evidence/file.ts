import { DomainError } from '../../core/errors.js';
import type { Evidence } from '../../core/evidence/evidence.js';
import { EvidenceRow } from '../../core/evidence/evidence-wire.js';
import type { ReceivedRecord } from './record.js';

/** A record found in a JSON document, and its `evidence`. */
export interface FoundRecord {
  /** Its path, for example `data.trace.events.0`; empty for the document itself. */
  readonly path: string;
  readonly record: ReceivedRecord;
  /** Undefined if the institution gave none. */
  readonly evidence: Evidence | undefined;
}

/**
 * Every record with `evidence`, anywhere in a document: a record as it was received, `{ record,
 * evidence }`, or a whole GraphQL answer.
 *
 * @throws DomainError EVIDENCE_MALFORMED if there is none, or one has evidence of another form.
 */
export function recordsIn(document: unknown): FoundRecord[] {
  const found = findIn(document, []);
  if (found.length === 0) throw new DomainError('EVIDENCE_MALFORMED', { records: 0 });
  return found;
}

function findIn(value: unknown, path: readonly string[]): FoundRecord[] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value);
  if (!Array.isArray(value) && Object.hasOwn(value, 'evidence')) {
    const { evidence, ...fields } = value as Readonly<Record<string, unknown>>;
    return [toFound(recordOf(fields), evidence, path.join('.'))];
  }
  return members.flatMap(([name, member]) => findIn(member, [...path, name]));
}

/**
 * Where a document says something outside any record with evidence. Nothing checks it, and it must
 * not pass as checked because a record next to it holds.
 *
 * @returns the paths of the outermost such values, in the document's order.
 */
export function uncheckedIn(document: unknown, path: readonly string[] = []): string[] {
  if (findIn(document, []).length === 0) return [path.join('.')];
  if (Object.hasOwn(Object(document), 'evidence')) return [];
  const members = Object.entries(Object(document));
  return members.flatMap(([name, member]) => uncheckedIn(member, [...path, name]));
}

/** `{ record, evidence }` separates the two; otherwise the evidence is a member of the record. */
function recordOf(fields: ReceivedRecord): ReceivedRecord {
  const { record, ...others } = fields;
  const apart = typeof record === 'object' && record !== null && !Array.isArray(record);
  return apart && Object.keys(others).length === 0 ? (record as ReceivedRecord) : fields;
}

function toFound(record: ReceivedRecord, evidence: unknown, path: string): FoundRecord {
  if (evidence === null) return { path, record, evidence: undefined };
  const parsed = EvidenceRow.safeParse(evidence);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new DomainError('EVIDENCE_MALFORMED', { record: path, at: `evidence.${at}` });
  }
  return { path, record, evidence: parsed.data };
}
