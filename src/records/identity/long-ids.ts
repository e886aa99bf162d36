import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { isLongId, nameKey, type ResourceName } from './server.js';

/**
 * Ids of more than 64 characters, kept in a table per server: each gets a random id that R4 allows,
 * so that no two collide and none can be computed from another.
 *
 * @returns a function from a resource's id to its stored id, which leaves short ids unchanged;
 *   undefined if all ids are short.
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
