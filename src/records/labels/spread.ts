import { type SQL, sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { shortIdsFor } from '../identity/long-ids.js';
import type { ResourceName } from '../identity/server.js';
import { type LabelLink, labelsOverLinks } from './fixpoint.js';
import type { HeldResource } from './links.js';

/** A stored resource and what it holds. */
export interface Holder {
  readonly name: ResourceName;
  readonly held: readonly HeldResource[];
  /** Whether another version of it may have held something else. */
  readonly replaces: boolean;
}

/**
 * Keeps what those resources hold, and gives every record that their labels could reach its labels,
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
  const { nodes, links } = await surroundings(tx, names, freed);
  if (nodes.length === 0) return;
  const labels = labelsOverLinks(nodes, links);
  const rows = nodes.flatMap(({ server, type, id, stored }, at) => {
    const found = Number(labels[at]);
    return stored === null || stored === found ? [] : [{ server, type, id, labels: found }];
  });
  if (rows.length === 0) return;
  await tx.execute(sql`
    UPDATE clinical_record AS row SET labels = found.labels
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS found(server text, type text, id text, labels bigint)
    WHERE row.type = found.type AND row.id = found.id AND row.server = found.server`);
}

interface StoredNode extends ResourceName {
  /** Its own labels: none of what is not stored here. */
  readonly own: number;
  /** What its record says now; null of what has no record, or cannot have changed. */
  readonly stored: number | null;
}

/** What the labels of those resources could reach, and all that labels it, with the links between. */
async function surroundings(
  tx: SqlTransaction,
  names: readonly ResourceName[],
  freed: readonly ResourceName[],
): Promise<{ readonly nodes: readonly StoredNode[]; readonly links: readonly LabelLink[] }> {
  const up = (of: string, only: SQL = sql``) => sql`
    JOIN resource_link AS link ON link.held_type = ${sql.raw(of)}.type
      AND link.held_id = ${sql.raw(of)}.id AND link.held_server = ${sql.raw(of)}.server ${only}`;
  const down = (of: string, only: SQL = sql``) => sql`
    JOIN resource_link AS link ON link.type = ${sql.raw(of)}.type
      AND link.id = ${sql.raw(of)}.id AND link.server = ${sql.raw(of)}.server ${only}`;
  const covers = sql`AND link.covers`;
  const holder = sql`link.server, link.type, link.id`;
  const held = sql`link.held_server, link.held_type, link.held_id`;
  const ends = sql`${holder}, ${held}, link.covers`;
  const found = await tx.execute(sql`
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
    ), told(server, type, id) AS (
      SELECT * FROM reached UNION SELECT ${held} FROM told ${down('told')}
    ), around(server, type, id) AS (
      SELECT * FROM told UNION SELECT ${holder} FROM around ${up('around', covers)}
    ), node AS (
      SELECT row_number() OVER () - 1 AS at, * FROM around
    ), link AS (
      SELECT ${ends} FROM told ${down('told')}
      UNION SELECT ${ends} FROM around ${up('around', covers)}
    )
    SELECT
      (SELECT json_agg(json_build_object('server', node.server, 'type', node.type, 'id', node.id,
          'own', coalesce(whole.labels, 0),
          'stored', CASE WHEN reached.id IS NULL THEN NULL ELSE row.labels END) ORDER BY node.at)
        FROM node LEFT JOIN resource AS whole USING (type, id, server)
        LEFT JOIN clinical_record AS row USING (type, id, server)
        LEFT JOIN reached USING (type, id, server)) AS nodes,
      (SELECT json_agg(json_build_object('holder', holder.at, 'held', held.at,
          'covers', link.covers))
        FROM link JOIN node AS holder USING (type, id, server)
        JOIN node AS held ON held.type = link.held_type AND held.id = link.held_id
          AND held.server = link.held_server) AS links`);
  const [row] = rowsOf<Surroundings>(found);
  return { nodes: row?.nodes ?? [], links: row?.links ?? [] };
}

/** Null where there is none. */
interface Surroundings {
  readonly nodes: readonly StoredNode[] | null;
  readonly links: readonly LabelLink[] | null;
}

function namesAsRows(names: readonly ResourceName[]): SQL {
  const rows = names.map(({ server, type, id }) => ({ server, type, id }));
  return sql`(SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS named(server text, type text, id text))`;
}
