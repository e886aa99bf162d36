import { sql } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import { type Merge, survivorsOf } from './survivors.js';

/**
 * Maximum number of records merged as one patient. Each further one costs as much as all the
 * earlier ones, and a record with so many merged into it does not represent a person.
 */
export const MAX_OF_ONE = 200;

/** What one Patient says about merges. It replaces what the same Patient said before. */
export interface MergeStatement {
  /** patient_key.key of the Patient. */
  readonly saidBy: string;
  readonly merges: readonly Merge[];
}

/** The patients among these whose records say something about merges. */
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
 * Stores what a Patient says about merges, and which records survive.
 *
 * @returns the replaced patients among all those that these merges connect.
 * @throws DomainError FHIR_INVALID if its links form a cycle, or lead from one record to two
 *   survivors; INPUT_TOO_LARGE {most} beyond MAX_OF_ONE. Nothing is stored then.
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
  const detail = `Patient.link joins more than ${MAX_OF_ONE} records`;
  throw new DomainError('INPUT_TOO_LARGE', { detail, most: MAX_OF_ONE });
}

/** The keys of the patients whose records are merged with this one, itself included. */
export async function recordsOfOne(tx: SqlTransaction, key: string): Promise<readonly string[]> {
  return namesOfOne(tx, [key]);
}

function partiesOf({ replaced, survivor }: Merge): readonly string[] {
  return [replaced, survivor];
}

/** Whether a merge is across two servers; survivors.ts says when such a merge counts. */
const IS_ACROSS = sql`(SELECT server FROM patient_key WHERE key = merge.replaced)
  <> (SELECT server FROM patient_key WHERE key = merge.survivor)`;

const COUNTS = sql`(NOT ${IS_ACROSS} OR EXISTS (
  SELECT FROM patient_merge AS other WHERE other.replaced = merge.replaced
    AND other.survivor = merge.survivor AND other.said_by <> merge.said_by))`;

/**
 * These patients and all that they are merged with, directly or through others. At most one more
 * than MAX_OF_ONE.
 */
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

/** The merges that these patients' records state. */
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
