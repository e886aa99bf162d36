import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { nameKey, type PatientName, referenceTo, UNNAMED_SERVER } from './server.js';

/*
 * The key by which the tables know a patient, and by which the register links a pseudonym: the id,
 * if no other server's patient has it; otherwise the URL. A key is never given to another patient,
 * even after the patient is deleted.
 */

/** What the tables know about a named patient. */
export interface KnownPatient {
  readonly key: string;
  /** Whether rows may belong to this patient: stored, or merged into another record. */
  readonly isKnown: boolean;
}

export type PatientKeys = ReadonlyMap<string, KnownPatient>;

/** Key for a map of patients. */
export function patientKey({ server, id }: PatientName): string {
  return nameKey({ server, type: 'Patient', id });
}

/** The patients among these that have a key, by patientKey. */
export async function readPatientKeys(
  tx: SqlTransaction,
  names: readonly PatientName[],
): Promise<Map<string, KnownPatient>> {
  if (names.length === 0) return new Map();
  const found = await tx.execute(sql`
    SELECT known.server, known.id, known.key,
      (whole.id IS NOT NULL OR merged.id IS NOT NULL) AS "isKnown"
    FROM ${namesOf(names)} AS named(server text, id text)
    JOIN patient_key AS known USING (server, id)
    LEFT JOIN resource AS whole ON whole.type = 'Patient' AND whole.server = known.server
      AND whole.id = known.id AND NOT whole.deleted
    LEFT JOIN merged_patient AS merged ON merged.id = known.key`);
  const rows = rowsOf<PatientName & KnownPatient>(found);
  return new Map(rows.map(({ key, isKnown, ...name }) => [patientKey(name), { key, isKnown }]));
}

/** Gives keys to patients who have none. @returns them by patientKey. */
export async function givePatientKeys(
  tx: SqlTransaction,
  names: readonly PatientName[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const taken = await keysTaken(tx, names);
  const given = new Map<string, string>();
  const rows = names.map((name) => {
    const key = taken(name) ? longKeyOf(name) : name.id;
    given.set(patientKey(name), key);
    return { ...name, key };
  });
  await tx.execute(sql`
    INSERT INTO patient_key (server, id, key) SELECT server, id, key
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given(server text, id text, key text)`);
  return given;
}

/** An id has no slash, so none of these can be an id. */
function longKeyOf(name: PatientName): string {
  return referenceTo({ ...name, type: 'Patient' });
}

/**
 * Returns a function that says whether an id is already a key; it also counts the ids it was asked
 * before.
 */
async function keysTaken(
  tx: SqlTransaction,
  names: readonly PatientName[],
): Promise<(name: PatientName) => boolean> {
  const ids = JSON.stringify(names.map(({ id }) => id));
  const found = await tx.execute(sql`
    SELECT key AS id, false AS linked FROM patient_key WHERE key IN (${listed(ids)})
    UNION ALL SELECT patient_id, true FROM research_subject WHERE patient_id IN (${listed(ids)})
    UNION ALL SELECT patient_id, true FROM past_subject WHERE patient_id IN (${listed(ids)})
    UNION ALL SELECT patient_id, true FROM link_code WHERE patient_id IN (${listed(ids)})`);
  const rows = rowsOf<{ id: string; linked: boolean }>(found);
  const given = new Set(rows.flatMap(({ id, linked }) => (linked ? [] : [id])));
  // A link older than the patient means that the database lost its records: the link is not for
  // this server's patient.
  const linked = new Set(rows.flatMap(({ id, linked: isLinked }) => (isLinked ? [id] : [])));
  return ({ server, id }) => {
    const isTaken = given.has(id) || (server !== UNNAMED_SERVER && linked.has(id));
    given.add(id);
    return isTaken;
  };
}

function listed(ids: string) {
  return sql`SELECT jsonb_array_elements_text(${ids}::jsonb)`;
}

function namesOf(names: readonly PatientName[]) {
  const distinct = new Map(
    names.map(({ server, id }) => [patientKey({ server, id }), { server, id }]),
  );
  return sql`jsonb_to_recordset(${JSON.stringify([...distinct.values()])}::jsonb)`;
}
