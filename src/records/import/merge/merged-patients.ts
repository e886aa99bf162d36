import { sql } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import { type Merge, survivorsOf } from './survivors.js';

/**
 * Records of one patient at most, as their links name them. Each further one costs as much as all that
 * are there; a record that so many were merged into stands for no person.
 */
export const MAX_OF_ONE = 200;

/** What one Patient says of merges now; it takes the place of what it said before. */
export interface MergeStatement {
  /** patient_key.key of the Patient. */
  readonly saidBy: string;
  readonly merges: readonly Merge[];
}

/** Those of these patients whose records have said something of merges. */
export async function haveSaid(
  tx: SqlTransaction,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const found = await tx.execute(sql`
    SELECT DISTINCT said_by FROM patient_merge WHERE said_by IN (${listOf(keys)})`);
  return new Set(rowsOf<{ said_by: string }>(found).map(({ said_by }) => said_by));
}

/**
 * Notes what a Patient says of merges, and who survives by it.
 *
 * @returns the replaced ones among all that these merges have to do with.
 * @throws DomainError FHIR_INVALID if its links lead back to where they began, or from one record to
 *   two survivors; INPUT_TOO_LARGE {most} beyond MAX_OF_ONE; nothing is noted then.
 */
export async function noteMerges(
  tx: SqlTransaction,
  { saidBy, merges }: MergeStatement,
): Promise<ReadonlySet<string>> {
  const named = [...new Set([saidBy, ...merges.flatMap(partiesOf)])];
  requireFew(named);
  const ids = await namesOfOne(tx, named);
  requireFew(ids);
  const before = await mergesAmong(tx, ids);
  const after = [...before.filter((merge) => merge.saidBy !== saidBy), ...merges];
  const survivors = survivorsOf(after);
  if (survivors.kind === 'CIRCLE') throw unclear('leads back to where it began');
  if (survivors.kind === 'SEVERAL') throw unclear('leads from one Patient to two that survive');
  await tx.execute(sql`DELETE FROM patient_merge WHERE said_by = ${saidBy}`);
  await tx.execute(sql`
    INSERT INTO patient_merge (said_by, replaced, survivor)
    SELECT DISTINCT "saidBy", replaced, survivor
    FROM jsonb_to_recordset(${JSON.stringify(merges)}::jsonb)
      AS said("saidBy" text, replaced text, survivor text)`);
  await tx.execute(sql`DELETE FROM merged_patient WHERE id IN (${listOf(ids)})`);
  const rows = [...survivors.of].map(([id, survivor]) => ({ id, survivor }));
  await tx.execute(sql`
    INSERT INTO merged_patient (id, survivor) SELECT id, survivor
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS merged(id text, survivor text)`);
  return new Set(survivors.of.keys());
}

function requireFew(ids: readonly string[]): void {
  if (ids.length <= MAX_OF_ONE) return;
  const detail = `Patient.link makes one of more than ${MAX_OF_ONE} records`;
  throw new DomainError('INPUT_TOO_LARGE', { detail, most: MAX_OF_ONE });
}

/** The patients, by key, whose records are one with that of this one. */
export async function recordsOfOne(tx: SqlTransaction, key: string): Promise<readonly string[]> {
  return namesOfOne(tx, [key]);
}

function partiesOf({ replaced, survivor }: Merge): readonly string[] {
  return [replaced, survivor];
}

/** Whether the two of a merge are of different servers: survivors.ts says when it counts then. */
const IS_ACROSS = sql`(SELECT server FROM patient_key WHERE key = merge.replaced)
  <> (SELECT server FROM patient_key WHERE key = merge.survivor)`;

const COUNTS = sql`(NOT ${IS_ACROSS} OR EXISTS (
  SELECT FROM patient_merge AS other WHERE other.replaced = merge.replaced
    AND other.survivor = merge.survivor AND other.said_by <> merge.said_by))`;

/** These patients and all that they are one with, directly or by others: one too many at most. */
async function namesOfOne(tx: SqlTransaction, keys: readonly string[]): Promise<readonly string[]> {
  const found = await tx.execute(sql`
    WITH RECURSIVE family(id) AS (
      SELECT jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)
      UNION SELECT next.id FROM family CROSS JOIN LATERAL (
        SELECT merge.survivor AS id FROM patient_merge AS merge
          WHERE merge.replaced = family.id AND ${COUNTS}
        UNION ALL SELECT merge.replaced FROM patient_merge AS merge
          WHERE merge.survivor = family.id AND ${COUNTS}
      ) AS next
    )
    SELECT id FROM family LIMIT ${MAX_OF_ONE + 1}`);
  return rowsOf<{ id: string }>(found).map(({ id }) => id);
}

/** What these patients say of one another. */
async function mergesAmong(tx: SqlTransaction, ids: readonly string[]): Promise<readonly Merge[]> {
  const found = await tx.execute(sql`
    SELECT said_by AS "saidBy", replaced, survivor, ${IS_ACROSS} AS "isAcross"
    FROM patient_merge AS merge
    WHERE replaced IN (${listOf(ids)}) AND survivor IN (${listOf(ids)})`);
  return rowsOf<Merge>(found);
}

function listOf(keys: readonly string[]) {
  return sql`SELECT jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)`;
}

function unclear(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail: `Patient.link ${detail}` });
}
