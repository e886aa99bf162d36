import { and, arrayOverlaps, asc, inArray, type SQL, sql } from 'drizzle-orm';
import type { ProveRows } from '../consent/evidence/prove.js';
import type { PermitSet } from '../consent/gate/permit.js';
import type { Bytes32 } from '../core/bytes32.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import type { Page } from '../graph/federated.js';
import type { Database, SqlTransaction } from '../store/database.js';
import { partsOfTrial } from './evidence.js';
import type { KeptTrial, Site, Trial } from './model.js';
import { cursorOfTrial, type TrialFilter, type TrialQuery, type TrialsSource } from './source.js';
import { site, trial } from './table.js';

/**
 * A node's own trials. Two statements per call for any number of rows: the trials, then their
 * sites.
 */
export class DatabaseTrials implements TrialsSource<PermitSet> {
  readonly #db: Database;
  readonly #custodian: InstitutionId;
  readonly #prove: ProveRows;

  /** @param prove - without it, no trial has evidence. */
  constructor(db: Database, custodian: InstitutionId, prove: ProveRows = proveNothing) {
    this.#db = db;
    this.#custodian = custodian;
    this.#prove = prove;
  }

  async list(_opened: PermitSet, query: TrialQuery): Promise<Page<KeptTrial>> {
    const { where, size, after } = query;
    const conditions = [
      // Byte order, independent of the database's collation, because the network merges by it.
      ...(after === undefined ? [] : [sql`${trial.id} COLLATE "C" > ${after}`]),
      ...toConditions(where),
    ];
    const rows = await this.#read(and(...conditions), size + 1);
    const nodes = await this.#withEvidence(rows.slice(0, size), query);
    return {
      nodes,
      hasNextPage: rows.length > size,
      cursorOf: cursorOfTrial,
      sources: [{ institution: this.#custodian, status: 'OK', latencyMs: null }],
    };
  }

  async byIds(
    _opened: PermitSet,
    ids: readonly StudyId[],
    options: Pick<TrialQuery, 'evidence'>,
  ): Promise<readonly (KeptTrial | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = await this.#read(inArray(trial.id, [...ids]), ids.length);
    const kept = await this.#withEvidence(rows, options);
    const found = new Map(kept.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id));
  }

  async #withEvidence(
    stored: readonly StoredTrial[],
    { evidence }: Pick<TrialQuery, 'evidence'>,
  ): Promise<readonly KeptTrial[]> {
    const toLogged = ({ leaf, whole }: StoredTrial) => ({ leaf, parts: partsOfTrial(whole) });
    const proven = evidence ? await this.#prove(stored.map(toLogged)) : [];
    const custodian = this.#custodian;
    return stored.map(({ whole }, i) => ({ ...whole, custodian, evidence: proven[i] ?? null }));
  }

  #read(condition: SQL | undefined, limit: number): Promise<readonly StoredTrial[]> {
    return this.#db.transaction(async (tx) => {
      const rows = await tx
        .select({ record: trial.record, leaf: trial.leaf })
        .from(trial)
        .where(condition)
        .orderBy(sql`${trial.id} COLLATE "C"`)
        .limit(limit);
      return withSites(tx, rows);
    }, 'read');
  }
}

/** A stored trial, and its leaf in the evidence log. */
interface StoredTrial {
  readonly leaf: Bytes32 | null;
  readonly whole: Trial;
}

const proveNothing: ProveRows = async (rows) => rows.map(() => null);

function toConditions({ condition, status, phase }: TrialFilter): SQL[] {
  const conditions: SQL[] = [];
  // position() takes the text literally; LIKE would treat % and _ as wildcards.
  if (condition)
    conditions.push(sql`position(${condition.toLowerCase()} in ${trial.searched}) > 0`);
  if (status) conditions.push(inArray(trial.status, [...status]));
  if (phase)
    conditions.push(phase.length > 0 ? arrayOverlaps(trial.phases, [...phase]) : sql`false`);
  return conditions;
}

async function withSites(
  tx: SqlTransaction,
  stored: readonly { readonly record: Omit<Trial, 'sites'>; readonly leaf: Bytes32 | null }[],
): Promise<readonly StoredTrial[]> {
  if (stored.length === 0) return [];
  const ids = stored.map(({ record }) => record.id);
  const rows = await tx
    .select()
    .from(site)
    .where(inArray(site.trialId, ids))
    .orderBy(asc(site.trialId), asc(site.ordinal));
  const sites = new Map<StudyId, Site[]>(ids.map((id) => [id, []]));
  for (const { trialId, ordinal: _, ...place } of rows) sites.get(trialId)?.push(place);
  return stored.map(({ record, leaf }) => ({
    leaf,
    whole: { ...record, sites: sites.get(record.id) ?? [] },
  }));
}

/** Number of trials in this node, for the pilot's table. */
export async function countTrials(db: Database): Promise<number> {
  const rows = await db.transaction(
    (tx) => tx.select({ count: sql<number>`count(*)::int` }).from(trial),
    'read',
  );
  return rows[0]?.count ?? 0;
}
