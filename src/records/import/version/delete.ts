import { sql } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import { shortIdsFor } from '../../identity/long-ids.js';
import { nameKey, type ResourceName, UNNAMED_SERVER } from '../../identity/server.js';
import { readMedicines } from '../../labels/medicines.js';
import { dropLinks } from '../../labels/spread.js';
import { type DeletedEntry, type RefusedResource, refusedResource } from '../bundle.js';
import { dropIdentifiers } from '../conditional/identifiers.js';
import { removeRecords, storedStates } from '../resource-rows.js';
import { isOutdated, type StoredVersion } from './decide.js';

/** A resource to delete. */
interface Deletion {
  readonly name: ResourceName;
  /**
   * The time of its last version, or of the deletion if that is known and later; as instantKey
   * writes it.
   */
  readonly updated: string | null;
}

/** The result of deletions: each is in one of the counts or refused. */
export interface DoneDeletions {
  readonly deleted: number;
  readonly unchanged: number;
  /** Deletions that are older than what is stored, or meant for another version. */
  readonly refused: readonly RefusedResource[];
  /** For deletions that change nothing: why, if it may be a mistake. */
  readonly noted: readonly string[];
}

/**
 * Deletes what a server says it deleted. The version of each resource is kept. With a Patient, all
 * resources of that patient are deleted, unless the record was merged into another: then they
 * belong to the survivor.
 */
export async function deleteResources(
  tx: SqlTransaction,
  entries: readonly DeletedEntry[],
): Promise<DoneDeletions> {
  const shortId = await shortIdsFor(
    tx,
    entries.map(({ name }) => name),
  );
  const named = entries.map((entry) => {
    const { name } = entry;
    return { ...entry, name: { ...name, id: shortId?.(name) ?? name.id } };
  });
  const states = await storedStates(
    tx,
    named.map(({ name }) => name),
  );
  const misnamed = await namedByStrangers(tx, named, states);
  const gone = new Map<string, Deletion>();
  const unknown = new Map<string, Deletion>();
  const refused: RefusedResource[] = [];
  const noted: string[] = [];
  for (const entry of named) {
    const { name, deletedAt } = entry;
    const key = nameKey(name);
    const state = states.get(key);
    if (misnamed.has(key)) {
      const detail =
        'fullUrl names a server from which nothing was imported (assent import --base)';
      refused.push(
        refusedDeletion(entry, new DomainError('FHIR_REFERENCE_UNRESOLVED', { detail })),
      );
      continue;
    }
    if (state === undefined) {
      unknown.set(key, { name, updated: deletedAt });
      noted.push(`DELETE of ${name.type}: none is stored under its server and id`);
    }
    if (!isStored(state) || gone.has(key)) continue;
    const failure = failureOf(entry, state);
    if (failure === undefined) gone.set(key, { name, updated: deletedAt ?? state.version.updated });
    else refused.push(refusedDeletion(entry, failure));
  }
  await markDeleted(tx, [...gone.values()]);
  await markUnknown(tx, [...unknown.values()]);
  const deleted = gone.size;
  return { deleted, unchanged: entries.length - deleted - refused.length, refused, noted };
}

/**
 * Deletions that name a server without known patients, although the unnamed server has the
 * resources: most likely its files were imported without the server's name.
 */
async function namedByStrangers(
  tx: SqlTransaction,
  entries: readonly DeletedEntry[],
  states: ReadonlyMap<string, StoredVersion>,
): Promise<ReadonlySet<string>> {
  const names = entries.flatMap(({ name }) =>
    name.server !== UNNAMED_SERVER && !states.has(nameKey(name)) ? [name] : [],
  );
  if (names.length === 0) return new Set();
  const here = await storedStates(
    tx,
    names.map((name) => ({ ...name, server: UNNAMED_SERVER })),
  );
  const servers = JSON.stringify([...new Set(names.map(({ server }) => server))]);
  const found = await tx.execute(sql`
    SELECT server FROM jsonb_array_elements_text(${servers}::jsonb) AS named(server)
    WHERE EXISTS (SELECT FROM patient_key AS known WHERE known.server = named.server)`);
  const known = new Set(rowsOf<{ readonly server: string }>(found).map(({ server }) => server));
  const misnamed = names.filter(
    (name) =>
      !known.has(name.server) && isStored(here.get(nameKey({ ...name, server: UNNAMED_SERVER }))),
  );
  return new Set(misnamed.map(nameKey));
}

function failureOf({ deletedAt, ifMatch }: DeletedEntry, state: StoredVersion) {
  if (ifMatch !== undefined && ifMatch !== state.version.id) {
    const detail = 'request.ifMatch names another version than the stored one';
    return new DomainError('FHIR_CONDITION_FAILED', { detail });
  }
  return isOutdated(deletedAt, state) ? new DomainError('FHIR_OUTDATED') : undefined;
}

function refusedDeletion(
  { order, path, name }: DeletedEntry,
  failure: DomainError,
): RefusedResource {
  const resource = { resourceType: name.type, id: name.id };
  return { order, entry: refusedResource({ path, resource }, failure) };
}

function isStored(state: StoredVersion | undefined): state is StoredVersion {
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
  await dropIdentifiers(tx, names);
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
 * Deletes the demographics and the resources. Included are resources of records of the same server
 * that were merged into one of these; excluded are those of records that were merged into another.
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
  const found = await tx.execute(sql`
    DELETE FROM resource WHERE type <> 'Patient' AND patient_id IN (${alone})
    RETURNING server, type, id`);
  const gone = rowsOf<ResourceName>(found);
  await dropLinks(tx, gone);
  await dropIdentifiers(tx, gone);
  await readMedicines(
    tx,
    gone.filter(({ type }) => type === 'Medication'),
  );
}

/**
 * Notes deletions of resources that were never imported, so that an older version is not stored
 * later.
 */
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
