import { sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { type Merge, survivorsOf } from './survivors.js';

/** What one Patient says of merges now; it takes the place of what it said before. */
export interface Said {
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
 * @throws DomainError FHIR_INVALID if its links lead back to where they began, or from one record to
 *   two survivors; nothing is noted then.
 */
export async function noteMerges(tx: SqlTransaction, { saidBy, merges }: Said): Promise<void> {
  const before = await familyOf(tx, [saidBy, ...merges.flatMap(partiesOf)]);
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
  const parties = [...new Set([...before, ...after].flatMap(partiesOf))];
  await tx.execute(sql`DELETE FROM merged_patient WHERE id IN (${listOf(parties)})`);
  const rows = [...survivors.of].map(([id, survivor]) => ({ id, survivor }));
  await tx.execute(sql`
    INSERT INTO merged_patient (id, survivor) SELECT id, survivor
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS merged(id text, survivor text)`);
}

/** The patients, by key, whose records are one with that of any of these. */
export async function recordsOfOne(tx: SqlTransaction, key: string): Promise<readonly string[]> {
  const merges = await familyOf(tx, [key]);
  return [...new Set([key, ...merges.flatMap(partiesOf)])];
}

function partiesOf({ replaced, survivor }: Merge): readonly string[] {
  return [replaced, survivor];
}

/** Every merge that these patients have to do with, directly or by others. */
async function familyOf(tx: SqlTransaction, keys: readonly string[]): Promise<readonly Merge[]> {
  const found = await tx.execute(sql`
    WITH RECURSIVE family(id) AS (
      SELECT jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)
      UNION SELECT unnest(ARRAY[merge.replaced, merge.survivor])
      FROM family JOIN patient_merge AS merge ON family.id IN (merge.replaced, merge.survivor)
    )
    SELECT DISTINCT said_by AS "saidBy", replaced, survivor FROM patient_merge
    WHERE replaced IN (SELECT id FROM family) OR survivor IN (SELECT id FROM family)`);
  return rowsOf<Merge>(found);
}

function listOf(keys: readonly string[]) {
  return sql`SELECT jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)`;
}

function unclear(detail: string): DomainError {
  return new DomainError('FHIR_INVALID', { detail: `Patient.link ${detail}` });
}
