import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { nameKey, type ResourceName } from '../identity/server.js';
import { joinLabels, joinLinks, namesAsRows } from './look-ups.js';

/** A resource of a batch, with the stored names of what it holds. */
export interface LinkedResource {
  readonly name: ResourceName;
  readonly heldNames: readonly ResourceName[];
  /** Its own labels, one bit each. */
  readonly labels: number;
  /** Whether an earlier version may have held something else, or had other labels. */
  readonly replaces: boolean;
}

/**
 * The resources of a batch from which labels must be spread. Most resources have no label, and
 * neither does anything linked with them. A stored resource keeps the labels that reached it, so
 * its direct neighbours show whether a label could come from further away. A path that starts
 * within the batch is found at its start.
 *
 * Call it before the links of the batch are stored.
 */
export async function toSpread(
  tx: SqlTransaction,
  batch: readonly LinkedResource[],
): Promise<readonly ResourceName[]> {
  const certain = batch.filter(({ labels, replaces }) => replaces || labels !== 0);
  const open = batch.filter(({ labels, replaces }) => !replaces && labels === 0);
  if (open.length === 0) return certain.map(({ name }) => name);
  const found = await labelledNeighbours(tx, open, outsideOf(batch));
  const labelled = new Set(found.map(nameKey));
  const reached = new Set(
    found.flatMap(({ held_server: server, held_type: type, held_id: id }) =>
      server === null || type === null || id === null ? [] : [nameKey({ server, type, id })],
    ),
  );
  const uncertain = open.filter(
    ({ name, heldNames }) =>
      reached.has(nameKey(name)) || heldNames.some((held) => labelled.has(nameKey(held))),
  );
  return [...certain, ...uncertain].map(({ name }) => name);
}

/** What a batch holds that is not in the batch. */
function outsideOf(batch: readonly LinkedResource[]): readonly ResourceName[] {
  const within = new Set(batch.map(({ name }) => nameKey(name)));
  const outside = new Map<string, ResourceName>();
  for (const { heldNames } of batch) {
    for (const held of heldNames) {
      const key = nameKey(held);
      if (!within.has(key)) outside.set(key, held);
    }
  }
  return [...outside.values()];
}

/** A labelled resource, and which undecided one it holds; null if it is itself held by one. */
interface LabelledNeighbour extends ResourceName {
  readonly held_server: string | null;
  readonly held_type: string | null;
  readonly held_id: string | null;
}

/**
 * The stored labelled resources that hold an undecided one or are held from the batch. For a
 * resource without a record it is unknown which labels reached it: it counts if it has labels
 * itself, or unless everything linked with it is known to have none.
 */
async function labelledNeighbours(
  tx: SqlTransaction,
  open: readonly LinkedResource[],
  outside: readonly ResourceName[],
): Promise<readonly LabelledNeighbour[]> {
  const found = await tx.execute(sql`
    WITH holder_of_open AS MATERIALIZED (
      SELECT link.server, link.type, link.id, link.held_server, link.held_type, link.held_id
      FROM ${namesAsRows(open.map(({ name }) => name))} AS open ${joinLinks('held', 'open')}
    ), neighbour AS (
      SELECT server, type, id FROM holder_of_open
      UNION SELECT server, type, id FROM ${namesAsRows(outside)} AS outside
    ), labelled AS (
      SELECT neighbour.* FROM neighbour
      ${joinLabels('clinical_record', 'neighbour')} ${joinLabels('resource', 'neighbour')}
      WHERE CASE WHEN clinical_record.labels IS NOT NULL THEN clinical_record.labels <> 0
        ELSE coalesce(resource.labels, 0) <> 0 OR EXISTS (
          SELECT FROM (
            SELECT link.server, link.type, link.id FROM (SELECT neighbour.*) AS held
              ${joinLinks('held', 'held')}
            UNION ALL SELECT link.held_server, link.held_type, link.held_id
              FROM (SELECT neighbour.*) AS holder ${joinLinks('holder', 'holder')}
          ) AS next ${joinLabels('clinical_record', 'next')}
          WHERE clinical_record.labels IS DISTINCT FROM 0) END
    )
    SELECT labelled.server, labelled.type, labelled.id, held_server, held_type, held_id
    FROM labelled LEFT JOIN holder_of_open USING (type, id, server)`);
  return rowsOf<LabelledNeighbour>(found);
}
