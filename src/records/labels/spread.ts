import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { shortIdsFor } from '../identity/long-ids.js';
import { nameKey, type ResourceName } from '../identity/server.js';
import { asStored, labelledEncounters, type Visit, visitsOf } from './encounters.js';
import { type LabelLink, labelsOverLinks } from './fixpoint.js';
import type { HeldResource } from './links.js';
import { joinLabels, joinLinks, namesAsRows } from './look-ups.js';
import { type LinkedResource, toSpread } from './to-spread.js';

/** A stored resource and what it holds. */
export interface Holder {
  readonly name: ResourceName;
  readonly held: readonly HeldResource[];
  /** The encounter in which it was made. */
  readonly encounter: ResourceName | undefined;
  /** Its own labels, one bit each. */
  readonly labels: number;
  /** Whether an earlier version may have held something else. */
  readonly replaces: boolean;
}

/**
 * Stores what those resources hold, and updates the labels of every record that their labels could
 * reach, in whatever order or import the records came.
 */
export async function keepLinks(tx: SqlTransaction, holders: readonly Holder[]): Promise<void> {
  const before = await forgetLinks(
    tx,
    holders.flatMap(({ name, replaces }) => (replaces ? [name] : [])),
  );
  const linked = await withStoredIds(tx, holders);
  const from = await toSpread(tx, linked);
  await insertLinks(tx, linked);
  const changed = await spreadLabels(tx, from, before);
  await reachVisits(tx, holders, changed);
}

/**
 * Gives the labels of encounters to the records made in them: to new records, and to all records of
 * encounters that are new or newly labelled. A record's label can in turn reach another encounter,
 * whose reason it is.
 */
async function reachVisits(
  tx: SqlTransaction,
  holders: readonly Holder[],
  changed: readonly ResourceName[],
): Promise<void> {
  const visits = await asStored(tx, holders.flatMap(visitOf));
  const came = [...holders.map(({ name }) => name), ...changed].filter(isEncounter);
  const labelled = await labelledEncounters(tx, [
    ...came,
    ...visits.map(({ encounter }) => encounter),
  ]);
  if (labelled.length === 0) return;
  const keys = new Set(labelled.map(nameKey));
  const within = visits.filter(({ encounter }) => keys.has(nameKey(encounter)));
  let open = labelled.filter((one) => came.some((other) => nameKey(other) === nameKey(one)));
  const done = new Set<string>();
  for (let made = within; made.length + open.length > 0; made = []) {
    for (const one of open) done.add(nameKey(one));
    made = [...made, ...(await visitsOf(tx, open))];
    await insertLinks(
      tx,
      made.map(({ name, encounter }) => ({ name, heldNames: [encounter], covers: [false] })),
    );
    const next = await spreadLabels(
      tx,
      made.map(({ name }) => name),
      [],
    );
    open = next.filter((one) => isEncounter(one) && !done.has(nameKey(one)));
  }
}

function visitOf({ name, encounter }: Holder): readonly Visit[] {
  return encounter === undefined ? [] : [{ name, encounter }];
}

function isEncounter({ type }: ResourceName): boolean {
  return type === 'Encounter';
}

/** Removes the links of deleted resources; what they held keeps only the labels from others. */
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

/** The holders with the stored ids of what they hold. */
async function withStoredIds(
  tx: SqlTransaction,
  holders: readonly Holder[],
): Promise<readonly Linked[]> {
  const names = holders.flatMap(({ held }) => held.map(({ name }) => name));
  const shortId = await shortIdsFor(tx, names);
  return holders.map(({ name, held, labels, replaces }) => {
    const heldNames = held.map(({ name: one }) =>
      shortId === undefined ? one : { ...one, id: shortId(one) },
    );
    return { name, heldNames, covers: held.map(({ covers }) => covers), labels, replaces };
  });
}

interface Linked extends LinkedResource {
  /** For each link, whether the holder's labels apply to what it holds. */
  readonly covers: readonly boolean[];
}

async function insertLinks(
  tx: SqlTransaction,
  holders: readonly Pick<Linked, 'name' | 'heldNames' | 'covers'>[],
): Promise<void> {
  const rows = holders.flatMap(({ name: { server, type, id }, heldNames, covers }) =>
    heldNames.map((held, at) => ({
      server,
      type,
      id,
      held_server: held.server,
      held_type: held.type,
      held_id: held.id,
      covers: covers[at],
    })),
  );
  if (rows.length === 0) return;
  await tx.execute(sql`
    INSERT INTO resource_link (server, type, id, held_server, held_type, held_id, covers)
    SELECT server, type, id, held_server, held_type, held_id, covers
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given(server text, type text, id text,
      held_server text, held_type text, held_id text, covers boolean)
    ON CONFLICT DO NOTHING`);
}

/**
 * A record has its own labels, those of everything it refers to (down all links), and those of
 * everything that covers one of these (up the covering links). So a panel's label reaches its
 * answers, and a result's label its report, but not the next result through that report.
 *
 * @param freed - resources that some of those held before and may no longer hold.
 * @returns the records whose labels changed, and the labelled resources without a record.
 */
async function spreadLabels(
  tx: SqlTransaction,
  names: readonly ResourceName[],
  freed: readonly ResourceName[],
): Promise<readonly ResourceName[]> {
  if (names.length + freed.length === 0) return [];
  const { nodes, links } = await surroundings(tx, names, freed);
  if (nodes.length === 0) return [];
  const labels = labelsOverLinks(nodes, links);
  const rows = nodes.flatMap(({ server, type, id, stored }, at) => {
    const found = Number(labels[at]);
    return stored === null || stored === found ? [] : [{ server, type, id, labels: found }];
  });
  if (rows.length === 0) return [];
  await tx.execute(sql`
    UPDATE clinical_record AS row SET labels = found.labels
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS found(server text, type text, id text, labels bigint)
    WHERE row.type = found.type AND row.id = found.id AND row.server = found.server`);
  return rows.map(({ server, type, id }) => ({ server, type, id }));
}

interface StoredNode extends ResourceName {
  /** Its own labels; 0 if it is not stored here. */
  readonly own: number;
  /** The labels of its record, 0 without one; null if they cannot have changed. */
  readonly stored: number | null;
}

/**
 * What the labels of those resources could reach, everything that labels it, and the links between.
 * Four traversals in turn: down covering links and up all links, to what could be reached; down all
 * links and up covering links, to what labels that. They are one recursion, because PostgreSQL
 * reserves memory per recursion by an estimate that multiplies.
 */
async function surroundings(
  tx: SqlTransaction,
  names: readonly ResourceName[],
  freed: readonly ResourceName[],
): Promise<{ readonly nodes: readonly StoredNode[]; readonly links: readonly LabelLink[] }> {
  const from = [...names, ...freed];
  const holder = sql`link.server, link.type, link.id`;
  const held = sql`link.held_server, link.held_type, link.held_id`;
  const ends = sql`${holder}, ${held}, link.covers`;
  const covers = sql`AND link.covers`;
  // If PostgreSQL expects a long recursion, it spends a second compiling a statement that runs for
  // a millisecond.
  await tx.execute(sql`SET LOCAL jit = off`);
  const found = await tx.execute(sql`
    WITH RECURSIVE walked(server, type, id, phase) AS (
      (SELECT server, type, id, 1 FROM ${namesAsRows(from)} AS given LIMIT ${from.length})
    UNION
      SELECT next.* FROM walked CROSS JOIN LATERAL (
        SELECT walked.server, walked.type, walked.id, walked.phase + 1 WHERE walked.phase < 4
        UNION ALL SELECT ${held}, walked.phase FROM (SELECT walked.*) AS at ${joinLinks('holder', 'at')}
          WHERE at.phase = 3 OR at.phase = 1 ${covers}
        UNION ALL SELECT ${holder}, walked.phase FROM (SELECT walked.*) AS at ${joinLinks('held', 'at')}
          WHERE at.phase = 2 OR at.phase = 4 ${covers}
      ) AS next
    ), node AS (
      SELECT row_number() OVER () - 1 AS at, server, type, id, min(phase) AS phase
      FROM walked GROUP BY server, type, id
    ), link AS (
      SELECT ${ends} FROM node ${joinLinks('holder', 'node')} WHERE node.phase <= 3
      UNION SELECT ${ends} FROM node ${joinLinks('held', 'node', covers)}
    )
    SELECT
      (SELECT json_agg(json_build_object('server', node.server, 'type', node.type, 'id', node.id,
          'own', coalesce(resource.labels, 0),
          'stored', CASE WHEN node.phase <= 2 THEN coalesce(clinical_record.labels, 0) END) ORDER BY node.at)
        FROM node ${joinLabels('resource', 'node')} ${joinLabels('clinical_record', 'node')}
      ) AS nodes,
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
