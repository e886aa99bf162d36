import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { shortIdsFor } from '../identity/long-ids.js';
import { nameKey, type ResourceName } from '../identity/server.js';
import { nameOfReference } from './links.js';

/** A record, and the encounter in which it was made. */
export interface Visit {
  readonly name: ResourceName;
  readonly encounter: ResourceName;
}

/** The encounter of a resource, from R4's `encounter`, or `context` for medicines. */
export function encounterOf(resource: Resource, own: ResourceName): ResourceName | undefined {
  const { encounter, context } = resource as Resource & { encounter?: unknown; context?: unknown };
  const { reference } = (encounter ?? context ?? {}) as { readonly reference?: unknown };
  if (typeof reference !== 'string') return undefined;
  const name = nameOfReference(reference, 'Encounter', own);
  return name?.type === 'Encounter' ? name : undefined;
}

/**
 * The encounters among these that have a label: from their own codes (a reason, a type, the service
 * of a clinic), or from what they refer to (a diagnosis, an order).
 */
export async function labelledEncounters(
  tx: SqlTransaction,
  encounters: readonly ResourceName[],
): Promise<readonly ResourceName[]> {
  if (encounters.length === 0) return [];
  const found = await tx.execute(sql`
    WITH visit AS (SELECT DISTINCT * FROM jsonb_to_recordset(${JSON.stringify(encounters)}::jsonb)
      AS named(server text, type text, id text))
    SELECT server, type, id FROM visit WHERE EXISTS (
      SELECT FROM resource AS whole LEFT JOIN clinical_record AS row USING (type, id, server)
      WHERE whole.type = visit.type AND whole.id = visit.id AND whole.server = visit.server
        AND NOT whole.deleted AND (whole.labels <> 0 OR row.labels <> 0)
    ) OR EXISTS (
      SELECT FROM resource_link AS link
      JOIN resource AS whole ON whole.type = link.held_type AND whole.id = link.held_id
        AND whole.server = link.held_server
      LEFT JOIN clinical_record AS row ON row.type = whole.type AND row.id = whole.id
        AND row.server = whole.server
      WHERE link.type = visit.type AND link.id = visit.id AND link.server = visit.server
        AND NOT whole.deleted AND (whole.labels <> 0 OR row.labels <> 0))`);
  return rowsOf<ResourceName>(found);
}

/**
 * The stored records of these encounters. All records of the patient are searched: a link from each
 * record to its encounter would double what an import writes, and few encounters have a label.
 */
export async function visitsOf(
  tx: SqlTransaction,
  encounters: readonly ResourceName[],
): Promise<readonly Visit[]> {
  if (encounters.length === 0) return [];
  const found = await tx.execute(sql`
    WITH visit AS (SELECT DISTINCT coalesce(row.patient_id, whole.patient_id) AS patient_id
      FROM jsonb_to_recordset(${JSON.stringify(encounters)}::jsonb)
        AS named(server text, type text, id text)
      JOIN resource AS whole USING (type, id, server)
      LEFT JOIN clinical_record AS row USING (type, id, server))
    SELECT server, type, id, reference FROM (
      SELECT row.server, row.type, row.id, coalesce(whole.json #>> '{encounter,reference}',
        whole.json #>> '{context,reference}') AS reference
      FROM visit JOIN clinical_record AS row USING (patient_id)
      JOIN resource AS whole USING (type, id, server)
      WHERE row.type <> 'Encounter') AS made
    WHERE reference IS NOT NULL`);
  const made = rowsOf<ResourceName & { readonly reference: string }>(found);
  const visits = made.flatMap(({ reference, ...name }) => {
    const encounter = nameOfReference(reference, 'Encounter', name);
    return encounter === undefined ? [] : [{ name, encounter }];
  });
  const meant = new Set(encounters.map(nameKey));
  return (await asStored(tx, visits)).filter(({ encounter }) => meant.has(nameKey(encounter)));
}

/** With stored ids for encounters whose own are too long. */
export async function asStored(
  tx: SqlTransaction,
  visits: readonly Visit[],
): Promise<readonly Visit[]> {
  const shortId = await shortIdsFor(
    tx,
    visits.map(({ encounter }) => encounter),
  );
  if (shortId === undefined) return visits;
  return visits.map(({ name, encounter }) => ({
    name,
    encounter: { ...encounter, id: shortId(encounter) ?? encounter.id },
  }));
}
