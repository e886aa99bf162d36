import { sql } from 'drizzle-orm';
import { DomainError } from '../core/errors.js';
import { rowsOf, type SqlTransaction } from '../store/database.js';

/**
 * The birth date of a stored Patient: for the institution's own decisions alone, it never leaves.
 *
 * @param patientId - the id of the FHIR resource.
 * @returns a FHIR date, as exact as it was told; undefined if it was not.
 * @throws DomainError FHIR_REFERENCE_UNRESOLVED for a patient who is not stored.
 */
export async function readBirthDate(
  tx: SqlTransaction,
  patientId: string,
): Promise<string | undefined> {
  const found = await tx.execute(sql`
    SELECT json->>'birthDate' AS birth_date FROM resource
    WHERE type = 'Patient' AND id = ${patientId}`);
  const [row] = rowsOf<{ birth_date: string | null }>(found);
  if (row === undefined) throw new DomainError('FHIR_REFERENCE_UNRESOLVED');
  return row.birth_date ?? undefined;
}
