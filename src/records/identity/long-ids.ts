import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { isLongId, nameKey, type ResourceName } from './server.js';

/**
 * Ids of more than 64 characters as a table of each server has them: each one has an id of its own
 * that R4 allows, made at random, so that no two meet and none can be computed from another.
 *
 * @returns what gives the stored id of any of those resources, a short one as it is; undefined if all
 *   of them are short.
 */
export async function shortIdsFor(
  tx: SqlTransaction,
  names: readonly ResourceName[],
): Promise<((name: ResourceName) => string) | undefined> {
  const long = new Map(
    names.flatMap((name) => (isLongId(name.id) ? [[nameKey(name), name] as const] : [])),
  );
  if (long.size === 0) return undefined;
  const rows = [...long.values()].map(({ server, type, id }) => {
    return { server, type, long_id: id, id: randomUUID() };
  });
  const given = JSON.stringify(rows);
  await tx.execute(sql`
    INSERT INTO long_id (server, type, long_id, id) SELECT server, type, long_id, id
    FROM jsonb_to_recordset(${given}::jsonb) AS given(server text, type text, long_id text, id text)
    ON CONFLICT (server, type, long_id) DO NOTHING`);
  const found = await tx.execute(sql`
    SELECT kept.server, kept.type, kept.long_id, kept.id
    FROM jsonb_to_recordset(${given}::jsonb) AS given(server text, type text, long_id text)
    JOIN long_id AS kept USING (server, type, long_id)`);
  const kept = new Map(
    rowsOf<ResourceName & { long_id: string }>(found).map(({ long_id, ...name }) => [
      nameKey({ ...name, id: long_id }),
      name.id,
    ]),
  );
  return (name) => kept.get(nameKey(name)) ?? name.id;
}
