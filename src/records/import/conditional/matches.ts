import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../../store/database.js';
import type { ResourceName, Server } from '../../identity/server.js';
import type { Criteria } from './criteria.js';
import { digestOf } from './identifiers.js';

/** Criteria, and the server among whose resources they look. */
export interface Asked extends Criteria {
  readonly server: Server;
}

/** What is stored and meets criteria, by askedKey. */
export type StoredMatches = ReadonlyMap<string, readonly ResourceName[]>;

export const NOTHING_STORED: StoredMatches = new Map();

/** More matches than these are as many as these: an identifier such as "unknown" is that of thousands. */
const MAX_MATCHES = 20;

/** For a map: no two criteria have the same. */
export function askedKey({ server, type, system, value }: Asked): string {
  const digest = digestOf(system ?? '', value);
  return keyOf(server, type, system === undefined ? undefined : digest.system, digest.value);
}

/** As askedKey, of an identifier that is known by its digests alone. */
export function keyOf(
  server: Server,
  type: string,
  system: string | undefined,
  value: string,
): string {
  return `${server} ${type} ${system ?? '*'} ${value}`;
}

/** What meets criteria. Two imports that create by conditions wait for each other. */
export async function storedMatches(
  tx: SqlTransaction,
  asked: readonly Asked[],
): Promise<StoredMatches> {
  if (asked.length === 0) return NOTHING_STORED;
  await tx.execute(sql`
    SELECT pg_advisory_xact_lock(hashtext('resource_identifier'), hashtext(current_schema()))`);
  const wanted = new Map(
    asked.map((one) => {
      const digest = digestOf(one.system ?? '', one.value);
      const system = one.system === undefined ? null : digest.system;
      return [askedKey(one), { key: askedKey(one), ...placeOf(one), system, value: digest.value }];
    }),
  );
  const found = await tx.execute(sql`
    SELECT wanted.key, wanted.server, wanted.type, matching.id
    FROM jsonb_to_recordset(${JSON.stringify([...wanted.values()])}::jsonb)
      AS wanted(key text, server text, type text, system text, value text)
    CROSS JOIN LATERAL (
      SELECT DISTINCT own.id FROM resource_identifier AS own
      WHERE own.value = wanted.value AND own.type = wanted.type AND own.server = wanted.server
        AND (wanted.system IS NULL OR own.system = wanted.system)
      LIMIT ${MAX_MATCHES}
    ) AS matching`);
  const matches = new Map<string, ResourceName[]>();
  for (const { key, ...name } of rowsOf<ResourceName & { readonly key: string }>(found)) {
    matches.set(key, [...(matches.get(key) ?? []), name]);
  }
  return matches;
}

function placeOf({ server, type }: Asked) {
  return { server, type };
}
