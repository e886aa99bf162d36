import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { nameKey, type ResourceName } from '../identity/server.js';

/** A resource of a patient, and what it refers to. */
export interface Naming {
  readonly name: ResourceName;
  /** patient_key.key of the patient it belongs to. */
  readonly patientId: string | null;
  readonly held: readonly { readonly name: ResourceName }[];
  readonly encounter: ResourceName | undefined;
}

/**
 * References from one patient's resources to another patient's, which are mistakes of the source.
 * No row shows such a reference, and labels spread over it too, which can only hide more.
 *
 * @returns a note for each such reference, with the two types.
 */
export async function namesOfOthers(
  tx: SqlTransaction,
  resources: readonly Naming[],
): Promise<readonly string[]> {
  const asked = new Map<string, { readonly types: string[]; readonly row: object }>();
  for (const { name, patientId, held, encounter } of resources) {
    if (patientId === null) continue;
    const named = held.map((one) => one.name);
    for (const other of encounter === undefined ? named : [...named, encounter]) {
      const key = `${patientId} ${nameKey(other)}`;
      const known = asked.get(key) ?? { types: [], row: { key, patient: patientId, ...other } };
      known.types.push(`${name.type} names ${other.type} of another patient`);
      asked.set(key, known);
    }
  }
  if (asked.size === 0) return [];
  const rows = JSON.stringify([...asked.values()].map(({ row }) => row));
  const found = await tx.execute(sql`
    SELECT named.key FROM jsonb_to_recordset(${rows}::jsonb)
      AS named(key text, patient text, server text, type text, id text)
    JOIN resource AS whole ON whole.type = named.type AND whole.id = named.id
      AND whole.server = named.server AND whole.patient_id <> named.patient
    LEFT JOIN merged_patient AS own ON own.id = named.patient
    LEFT JOIN merged_patient AS other ON other.id = whole.patient_id
    WHERE coalesce(own.survivor, named.patient) <> coalesce(other.survivor, whole.patient_id)`);
  return rowsOf<{ readonly key: string }>(found).flatMap(({ key }) => asked.get(key)?.types ?? []);
}
