import { and, arrayOverlaps, asc, inArray, type SQL, sql } from 'drizzle-orm';
import type { PermitSet } from '../consent/gate/permit.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import type { Page } from '../graph/federated.js';
import { encodeCursor } from '../graph/page.js';
import type { Database, SqlTransaction } from '../store/database.js';
import type { KeptTrial, Site, Trial } from './model.js';
import type { TrialFilter, TrialQuery, TrialsSource } from './source.js';
import { site, trial } from './table.js';

/** A node's own trials. Two statements a call, however many rows: the trials, then their sites. */
export class DatabaseTrials implements TrialsSource<PermitSet> {
  readonly #db: Database;
  readonly #custodian: InstitutionId;

  constructor(db: Database, custodian: InstitutionId) {
    this.#db = db;
    this.#custodian = custodian;
  }

  async list(_opened: PermitSet, { where, size, after }: TrialQuery): Promise<Page<KeptTrial>> {
    const conditions = [
      // Byte order, whatever the database's collation: the network merges by it.
      ...(after === undefined ? [] : [sql`${trial.id} COLLATE "C" > ${after}`]),
      ...toConditions(where),
    ];
    const rows = await this.#read(and(...conditions), size + 1);
    const nodes = rows.slice(0, size);
    const last = nodes.at(-1);
    return {
      nodes,
      hasNextPage: rows.length > size,
      endCursor: last === undefined ? null : encodeCursor([last.id]),
      sources: [{ institution: this.#custodian, status: 'OK', latencyMs: null }],
    };
  }

  async byIds(_opened: PermitSet, ids: readonly StudyId[]) {
    if (ids.length === 0) return [];
    const rows = await this.#read(inArray(trial.id, [...ids]), ids.length);
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id));
  }

  #read(condition: SQL | undefined, limit: number): Promise<readonly KeptTrial[]> {
    return this.#db.transaction(async (tx) => {
      const rows = await tx
        .select({ record: trial.record })
        .from(trial)
        .where(condition)
        .orderBy(sql`${trial.id} COLLATE "C"`)
        .limit(limit);
      const records = rows.map(({ record }) => record);
      return withSites(tx, records, this.#custodian);
    }, 'read');
  }
}

function toConditions({ condition, status, phase }: TrialFilter): SQL[] {
  const conditions: SQL[] = [];
  // position() takes the text as it is; LIKE would read its % and _ as wildcards.
  if (condition)
    conditions.push(sql`position(${condition.toLowerCase()} in ${trial.searched}) > 0`);
  if (status) conditions.push(inArray(trial.status, [...status]));
  if (phase)
    conditions.push(phase.length > 0 ? arrayOverlaps(trial.phases, [...phase]) : sql`false`);
  return conditions;
}

async function withSites(
  tx: SqlTransaction,
  records: readonly Omit<Trial, 'sites'>[],
  custodian: InstitutionId,
): Promise<readonly KeptTrial[]> {
  if (records.length === 0) return [];
  const ids = records.map(({ id }) => id);
  const rows = await tx
    .select()
    .from(site)
    .where(inArray(site.trialId, ids))
    .orderBy(asc(site.trialId), asc(site.ordinal));
  const sites = new Map<StudyId, Site[]>(ids.map((id) => [id, []]));
  for (const { trialId, ordinal: _, ...place } of rows) sites.get(trialId)?.push(place);
  return records.map((record) => ({ ...record, sites: sites.get(record.id) ?? [], custodian }));
}

/** How many trials this node keeps, for the pilot's table. */
export async function countTrials(db: Database): Promise<number> {
  const rows = await db.transaction(
    (tx) => tx.select({ count: sql<number>`count(*)::int` }).from(trial),
    'read',
  );
  return rows[0]?.count ?? 0;
}
