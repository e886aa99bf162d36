import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import type { DeletedEntry } from '../fhir-bundle.js';
import { removeRecords, storedStates } from '../fhir-store.js';
import { shortIdsFor } from '../identity/long-ids.js';
import { nameKey, type ResourceName } from '../identity/server.js';
import { readMedicines } from '../labels/medicines.js';
import { dropLinks } from '../labels/spread.js';
import { isOutdated, type StoredState } from './decide.js';

/** What is deleted. */
interface Deletion {
  readonly name: ResourceName;
  /** Its last version's time, or the deletion's if that is later and known; as instantKey writes it. */
  readonly updated: string | null;
}

/**
 * Deletes what a server says it deleted. Of each resource stays what tells its versions apart; of a
 * Patient go all resources that are the patient's, unless the record was merged into another, whose
 * they are then.
 *
 * @returns how many were there, and how many were not, or are newer than their deletion.
 */
export async function deleteResources(
  tx: SqlTransaction,
  entries: readonly DeletedEntry[],
): Promise<{ readonly deleted: number; readonly unchanged: number }> {
  const shortId = await shortIdsFor(
    tx,
    entries.map(({ name }) => name),
  );
  const named = entries.map(({ name, deletedAt }) => ({
    name: { ...name, id: shortId?.(name) ?? name.id },
    deletedAt,
  }));
  const states = await storedStates(
    tx,
    named.map(({ name }) => name),
  );
  const gone = new Map<string, Deletion>();
  const unknown = new Map<string, Deletion>();
  let deleted = 0;
  for (const { name, deletedAt } of named) {
    const key = nameKey(name);
    const state = states.get(key);
    if (state === undefined) unknown.set(key, { name, updated: deletedAt });
    if (!isStored(state) || gone.has(key) || isOutdated(deletedAt, state)) continue;
    gone.set(key, { name, updated: deletedAt ?? state.version.updated });
    deleted += 1;
  }
  await markDeleted(tx, [...gone.values()]);
  await markUnknown(tx, [...unknown.values()]);
  return { deleted, unchanged: entries.length - deleted };
}

function isStored(state: StoredState | undefined): state is StoredState {
  return state !== undefined && !state.deleted;
}

async function markDeleted(tx: SqlTransaction, gone: readonly Deletion[]): Promise<void> {
  if (gone.length === 0) return;
  await removeRecords(
    tx,
    gone.map(({ name }) => name),
  );
  const found = await tx.execute(sql`
    WITH gone AS (SELECT * FROM ${rowsOfDeletions(gone)}), before AS (
      SELECT whole.type, whole.id, whole.server, whole.patient_id FROM resource AS whole
      JOIN gone USING (type, id, server)
    )
    UPDATE resource AS whole
    SET deleted = true, json = 'null', patient_id = NULL,
      updated = gone.updated
    FROM gone JOIN before USING (type, id, server)
    WHERE whole.type = gone.type AND whole.id = gone.id AND whole.server = gone.server
    RETURNING whole.type, before.patient_id AS patient`);
  const names = gone.map(({ name }) => name);
  await dropLinks(tx, names);
  await readMedicines(
    tx,
    names.filter(({ type }) => type === 'Medication'),
  );
  const patients = rowsOf<{ type: string; patient: string | null }>(found).flatMap((row) =>
    row.type === 'Patient' && row.patient !== null ? [row.patient] : [],
  );
  if (patients.length > 0) await forgetPatients(tx, patients);
}

/**
 * The demographics, and the resources: those too of a record of the same server that was merged into
 * one of these, but not of one that was merged into another.
 */
async function forgetPatients(tx: SqlTransaction, keys: readonly string[]): Promise<void> {
  const listed = sql`SELECT jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)`;
  await tx.execute(sql`DELETE FROM patient WHERE id IN (${listed})`);
  const alone = sql`(${listed} EXCEPT SELECT id FROM merged_patient)
    UNION SELECT merged.id FROM merged_patient AS merged
      JOIN patient_key AS own ON own.key = merged.id
      JOIN patient_key AS other ON other.key = merged.survivor AND other.server = own.server
      WHERE merged.survivor IN (${listed})`;
  await tx.execute(sql`DELETE FROM clinical_record WHERE patient_id IN (${alone})`);
  await tx.execute(sql`DELETE FROM code_display WHERE patient_id IN (${alone})`);
  await tx.execute(sql`DELETE FROM resource WHERE type <> 'Patient' AND patient_id IN (${alone})`);
}

/** Of what was deleted before it came here, an older version is none to take. */
async function markUnknown(tx: SqlTransaction, deletions: readonly Deletion[]): Promise<void> {
  const dated = deletions.filter(({ updated }) => updated !== null);
  if (dated.length === 0) return;
  await tx.execute(sql`
    INSERT INTO resource (server, type, id, source, hash, updated, deleted, json)
    SELECT server, type, id, '', '', updated, true, 'null' FROM ${rowsOfDeletions(dated)}
    ON CONFLICT DO NOTHING`);
}

function rowsOfDeletions(deletions: readonly Deletion[]) {
  const rows = deletions.map(({ name: { server, type, id }, updated }) => {
    return { server, type, id, updated };
  });
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS given(server text, type text, id text, updated text)`;
}
