import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import { UNLESS_DRY } from '../../../store/dry-run/mark.js';
import type { ResourceName, Server } from '../../identity/server.js';
import type { Criteria } from './criteria.js';
import { digestOf } from './identifiers.js';

/** Criteria, and the server whose resources are searched. */
export interface Asked extends Criteria {
  readonly server: Server;
  /** The id in a conditional create: it is also checked whether a stored resource has it. */
  readonly brings?: string;
}

/**
 * The stored resources that meet criteria, by askedKey, and those that have the id in a create, by
 * broughtKey.
 */
export type StoredMatches = ReadonlyMap<string, readonly ResourceName[]>;

export const NOTHING_STORED: StoredMatches = new Map();

/**
 * No more matches than these are read: thousands of resources share an identifier such as
 * "unknown".
 */
const MAX_MATCHES = 20;

/** Key for a map; unique per criteria. */
export function askedKey({ server, type, system, value }: Asked): string {
  const digest = digestOf(system ?? '', value);
  return keyOf(server, type, system === undefined ? undefined : digest.system, digest.value);
}

/** Like askedKey, for an identifier of which only the digests are known. */
export function keyOf(
  server: Server,
  type: string,
  system: string | undefined,
  value: string,
): string {
  return `${server} ${type} ${system ?? '*'} ${value}`;
}

/** Key for the same map; never equal to one of askedKey. */
export function broughtKey({ server, type, id }: ResourceName): string {
  return `${server} ${type}/${id}`;
}

/**
 * The stored resources that meet criteria. Two imports with conditional creates wait for each
 * other.
 */
export async function storedMatches(
  tx: SqlTransaction,
  asked: readonly Asked[],
): Promise<StoredMatches> {
  if (asked.length === 0) return NOTHING_STORED;
  await tx.execute(sql`
    SELECT pg_advisory_xact_lock(hashtext('resource_identifier'), hashtext(current_schema()))
    WHERE ${UNLESS_DRY}`);
  const wanted = new Map(
    asked.map((one) => {
      const digest = digestOf(one.system ?? '', one.value);
      const system = one.system === undefined ? null : digest.system;
      return [askedKey(one), { key: askedKey(one), ...placeOf(one), system, value: digest.value }];
    }),
  );
  const found = await tx.execute(sql`
    SELECT wanted.key, wanted.server, wanted.type, matching.id, survivor.id AS survivor
    FROM jsonb_to_recordset(${JSON.stringify([...wanted.values()])}::jsonb)
      AS wanted(key text, server text, type text, system text, value text)
    CROSS JOIN LATERAL (
      SELECT DISTINCT own.id FROM resource_identifier AS own
      WHERE own.value = wanted.value AND own.type = wanted.type AND own.server = wanted.server
        AND (wanted.system IS NULL OR own.system = wanted.system)
      LIMIT ${MAX_MATCHES}
    ) AS matching
    LEFT JOIN patient_key AS known ON wanted.type = 'Patient' AND known.server = wanted.server
      AND known.id = matching.id
    LEFT JOIN merged_patient AS merged ON merged.id = known.key
    LEFT JOIN patient_key AS survivor ON survivor.key = merged.survivor
      AND survivor.server = wanted.server
    ORDER BY matching.id`);
  const matches = new Map<string, FoundMatch[]>();
  for (const row of rowsOf<FoundMatch & { readonly key: string }>(found)) {
    matches.set(row.key, [...(matches.get(row.key) ?? []), row]);
  }
  const met = [...matches].map(([key, rows]) => [key, oneForEachPerson(rows)] as const);
  return new Map([...met, ...(await storedWithIds(tx, asked))]);
}

async function storedWithIds(tx: SqlTransaction, asked: readonly Asked[]) {
  const names = asked.flatMap(({ server, type, brings: id }) =>
    id === undefined ? [] : [{ server, type, id }],
  );
  if (names.length === 0) return [];
  const found = await tx.execute(sql`
    SELECT own.server, own.type, own.id FROM resource AS own
    JOIN jsonb_to_recordset(${JSON.stringify(names)}::jsonb) AS brought(server text, type text, id text)
      ON own.type = brought.type AND own.id = brought.id AND own.server = brought.server
    WHERE NOT own.deleted`);
  return rowsOf<ResourceName>(found).map((name) => [broughtKey(name), [name]] as const);
}

/** A stored resource, and for a patient that was merged the one that survived at its server. */
interface FoundMatch extends ResourceName {
  readonly survivor: string | null;
}

/** Records that were merged are one person: where several of them match, their survivor does. */
function oneForEachPerson(rows: readonly FoundMatch[]): readonly ResourceName[] {
  const persons = new Map<string, ResourceName>();
  for (const { server, type, id, survivor } of rows) {
    const person = survivor ?? id;
    const isFirst = !persons.has(person);
    persons.set(person, { server, type, id: isFirst ? id : person });
  }
  return [...persons.values()];
}

function placeOf({ server, type }: Asked) {
  return { server, type };
}
