import { type SQL, sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { shortIdsFor } from '../identity/long-ids.js';
import type { ResourceName } from '../identity/server.js';
import type { HeldResource } from './links.js';

/** A stored resource and what it holds. */
export interface Holder {
  readonly name: ResourceName;
  readonly held: readonly HeldResource[];
  /** Whether another version of it may have held something else. */
  readonly replaces: boolean;
}

/**
 * Keeps what those resources hold, and labels every record anew that their labels could reach,
 * whichever of them came first, and in whichever import.
 */
export async function keepLinks(tx: SqlTransaction, holders: readonly Holder[]): Promise<void> {
  const before = await forgetLinks(
    tx,
    holders.flatMap(({ name, replaces }) => (replaces ? [name] : [])),
  );
  await insertLinks(tx, holders);
  const names = holders.map(({ name }) => name);
  await spreadLabels(tx, names, before);
}

/** What was deleted holds nothing any more; what it held has the labels of others alone. */
export async function dropLinks(tx: SqlTransaction, gone: readonly ResourceName[]): Promise<void> {
  await spreadLabels(tx, [], await forgetLinks(tx, gone));
}

/** @returns what they held. */
async function forgetLinks(
  tx: SqlTransaction,
  holders: readonly ResourceName[],
): Promise<readonly ResourceName[]> {
  if (holders.length === 0) return [];
  const gone = await tx.execute(sql`
    DELETE FROM resource_link AS link USING ${namesAsRows(holders)} AS gone
    WHERE link.type = gone.type AND link.id = gone.id AND link.server = gone.server
    RETURNING held_server AS server, held_type AS type, held_id AS id`);
  return rowsOf<ResourceName>(gone);
}

async function insertLinks(tx: SqlTransaction, holders: readonly Holder[]): Promise<void> {
  const links = holders.flatMap(({ name, held }) => held.map((one) => ({ holder: name, ...one })));
  if (links.length === 0) return;
  const shortId = await shortIdsFor(
    tx,
    links.map(({ name }) => name),
  );
  const rows = links.map(({ holder, name, covers }) => {
    const id = shortId?.(name) ?? name.id;
    return { ...holder, held_server: name.server, held_type: name.type, held_id: id, covers };
  });
  await tx.execute(sql`
    INSERT INTO resource_link (server, type, id, held_server, held_type, held_id, covers)
    SELECT server, type, id, held_server, held_type, held_id, covers
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given(server text, type text, id text,
      held_server text, held_type text, held_id text, covers boolean)
    ON CONFLICT DO NOTHING`);
}

/**
 * A record has its own labels, those of whatever it tells of (down all links), and those of whatever
 * covers one of these (up those links that cover). So a panel's label reaches its answers and a
 * result's its report, but not from one result through the report to the next.
 *
 * @param freed - what some of those held before, and may hold no more.
 */
async function spreadLabels(
  tx: SqlTransaction,
  names: readonly ResourceName[],
  freed: readonly ResourceName[],
): Promise<void> {
  if (names.length + freed.length === 0) return;
  const up = (of: string, only: SQL = sql``) => sql`
    JOIN resource_link AS link ON link.held_type = ${sql.raw(of)}.type
      AND link.held_id = ${sql.raw(of)}.id AND link.held_server = ${sql.raw(of)}.server ${only}`;
  const down = (of: string, only: SQL = sql``) => sql`
    JOIN resource_link AS link ON link.type = ${sql.raw(of)}.type
      AND link.id = ${sql.raw(of)}.id AND link.server = ${sql.raw(of)}.server ${only}`;
  const covers = sql`AND link.covers`;
  const holder = sql`link.server, link.type, link.id`;
  const held = sql`link.held_server, link.held_type, link.held_id`;
  await tx.execute(sql`
    WITH RECURSIVE changed(server, type, id) AS (
      SELECT DISTINCT server, type, id FROM ${namesAsRows(names)} AS given
      WHERE EXISTS (SELECT FROM resource_link AS link WHERE link.type = given.type
          AND link.id = given.id AND link.server = given.server)
        OR EXISTS (SELECT FROM resource_link AS link WHERE link.held_type = given.type
          AND link.held_id = given.id AND link.held_server = given.server)
      UNION SELECT server, type, id FROM ${namesAsRows(freed)} AS freed
    ), covered(server, type, id) AS (
      SELECT * FROM changed UNION SELECT ${held} FROM covered ${down('covered', covers)}
    ), reached(server, type, id) AS (
      SELECT * FROM covered UNION SELECT ${holder} FROM reached ${up('reached')}
    ), told(of_server, of_type, of_id, server, type, id) AS (
      SELECT server, type, id, server, type, id FROM reached
      UNION SELECT of_server, of_type, of_id, ${held} FROM told ${down('told')}
    ), heard(of_server, of_type, of_id, server, type, id) AS (
      SELECT * FROM told
      UNION SELECT of_server, of_type, of_id, ${holder} FROM heard ${up('heard', covers)}
    ), labelled AS (
      SELECT of_server, of_type, of_id, bit_or(whole.labels) AS labels
      FROM heard JOIN resource AS whole USING (type, id, server)
      GROUP BY of_server, of_type, of_id
    )
    UPDATE clinical_record AS row SET labels = labelled.labels FROM labelled
    WHERE row.type = labelled.of_type AND row.id = labelled.of_id
      AND row.server = labelled.of_server AND row.labels <> labelled.labels`);
}

function namesAsRows(names: readonly ResourceName[]): SQL {
  const rows = names.map(({ server, type, id }) => ({ server, type, id }));
  return sql`(SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS named(server text, type text, id text))`;
}
