import { sql } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import { recordsOfOne } from './merged-patients.js';

/** A stored patient as the institution's own commands need it; nothing of it is released. */
export interface StoredPatient {
  /** patient_key.key, which the register links a pseudonym with. */
  readonly key: string;
  /** A FHIR date, as precise as recorded; undefined if there is none. */
  readonly birthDate: string | undefined;
}

interface PatientRow {
  readonly key: string;
  readonly birth_date: string | null;
  readonly deceased: boolean;
  readonly merged: boolean;
  readonly inactive: boolean;
}

/**
 * The patient for whom a link code is made, by the FHIR Patient's id or URL.
 *
 * @throws DomainError FHIR_REFERENCE_UNRESOLVED if none is stored; PATIENT_AMBIGUOUS if patients of
 *   several servers have that id; PATIENT_DECEASED; PATIENT_MERGED for a record that was merged into
 *   another; PATIENT_INACTIVE for one that is no longer in use.
 */
export async function readLinkablePatient(
  tx: SqlTransaction,
  named: string,
): Promise<StoredPatient> {
  const [row, another] = await readPatients(tx, named);
  if (row === undefined) throw new DomainError('FHIR_REFERENCE_UNRESOLVED');
  if (another !== undefined) throw new DomainError('PATIENT_AMBIGUOUS');
  if (row.deceased) throw new DomainError('PATIENT_DECEASED');
  if (row.merged) throw new DomainError('PATIENT_MERGED');
  if (row.inactive) throw new DomainError('PATIENT_INACTIVE');
  return { key: row.key, birthDate: row.birth_date ?? undefined };
}

/** A patient whose disclosures an institution reports, whatever became of the record. */
export interface AccountedPatient {
  readonly key: string;
  /** The keys of all records merged with it, and its own. */
  readonly records: readonly string[];
}

/**
 * The keys by which the register knows a patient, those of merged records included, each of which
 * has its own pseudonym. For an unknown patient, the name itself.
 *
 * @throws DomainError PATIENT_AMBIGUOUS.
 */
export async function readAccountedPatient(
  tx: SqlTransaction,
  named: string,
): Promise<AccountedPatient> {
  const found = await tx.execute(sql`SELECT key FROM ${namedPatients(named)} AS known`);
  const rows = rowsOf<{ key: string }>(found);
  if (rows.length > 1) throw new DomainError('PATIENT_AMBIGUOUS');
  const key = rows[0]?.key ?? named;
  return { key, records: await recordsOfOne(tx, key) };
}

async function readPatients(tx: SqlTransaction, named: string): Promise<readonly PatientRow[]> {
  const found = await tx.execute(sql`
    SELECT known.key, whole.json->>'birthDate' AS birth_date,
      coalesce(whole.json->>'deceasedBoolean' = 'true', false)
        OR whole.json->>'deceasedDateTime' IS NOT NULL
        OR whole.json->'_deceasedDateTime' IS NOT NULL AS deceased,
      merged.id IS NOT NULL OR EXISTS (
        SELECT FROM json_array_elements(coalesce(whole.json->'link', '[]'::json)) AS link
        WHERE link->>'type' = 'replaced-by') AS merged,
      coalesce(whole.json->>'active' = 'false', false) AS inactive
    FROM ${namedPatients(named)} AS known
    JOIN resource AS whole ON whole.type = 'Patient' AND whole.server = known.server
      AND whole.id = known.id AND NOT whole.deleted
    LEFT JOIN merged_patient AS merged ON merged.id = known.key`);
  return rowsOf<PatientRow>(found);
}

/**
 * By id or, if servers share the id, by URL; for the unnamed server by `Patient/id`. A long id from
 * the table works as well as the id that replaces it.
 */
function namedPatients(named: string) {
  const names = (id: string) =>
    sql.raw(`(${id},
    CASE server WHEN '' THEN 'Patient/' || ${id} ELSE server || '/Patient/' || ${id} END)`);
  return sql`(
    SELECT server, id, key FROM patient_key
    WHERE ${named} IN ${names('id')} OR (server, id) IN (
      SELECT server, id FROM long_id WHERE type = 'Patient' AND ${named} IN ${names('long_id')})
  )`;
}
