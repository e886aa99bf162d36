import { type SQL, sql } from 'drizzle-orm';
import type { ResourceName } from '../identity/server.js';

/*
 * SQL fragments that look up a few rows by index. OFFSET 0 keeps PostgreSQL from turning them into
 * joins, which would read whole tables in every iteration of a recursion.
 */

/** A FROM item with these names. The caller gives it an alias. */
export function namesAsRows(names: readonly ResourceName[]): SQL {
  const rows = names.map(({ server, type, id }) => ({ server, type, id }));
  return sql`(SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS named(server text, type text, id text))`;
}

/**
 * `CROSS JOIN LATERAL … AS link`: the links that have each row of that FROM item as one end.
 *
 * @param only - a condition on the links, beginning with AND.
 */
export function joinLinks(end: 'holder' | 'held', of: string, only: SQL = sql``): SQL {
  const prefix = sql.raw(end === 'held' ? 'held_' : '');
  const one = sql.raw(of);
  return sql`CROSS JOIN LATERAL (
    SELECT * FROM resource_link AS link WHERE link.${prefix}type = ${one}.type
      AND link.${prefix}id = ${one}.id AND link.${prefix}server = ${one}.server ${only}
    OFFSET 0) AS link`;
}

/**
 * `LEFT JOIN LATERAL … AS table`: the labels of each row of that FROM item, null if the row is not
 * stored.
 */
export function joinLabels(table: 'resource' | 'clinical_record', of: string): SQL {
  const [stored, one] = [sql.raw(table), sql.raw(of)];
  return sql`LEFT JOIN LATERAL (
    SELECT stored.labels FROM ${stored} AS stored WHERE stored.type = ${one}.type
      AND stored.id = ${one}.id AND stored.server = ${one}.server OFFSET 0) AS ${stored} ON true`;
}
