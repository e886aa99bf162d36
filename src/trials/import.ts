import { basename } from 'node:path';
import { eq, inArray, sql } from 'drizzle-orm';
import { appendEvidence } from '../consent/evidence/append.js';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { codeOf, isRefusal } from '../core/errors.js';
import { type ImportReport, NO_ENDS, type RefusedEntry } from '../core/import-report.js';
import { jsonFilesOf, readJsonFile } from '../core/json-file.js';
import type { Database, SqlTransaction } from '../store/database.js';
import { type InstitutionNames, parseStudies, type StudyReading } from './ctgov.js';
import { partsOfTrial } from './evidence.js';
import type { Trial } from './model.js';
import { site, trial } from './table.js';
import { type DatedTrial, decideTrial, type TrialDecision } from './version.js';

/** Rows in one INSERT: beyond a few hundred nothing is gained and the statement only grows. */
const BATCH_ROWS = 500;

export interface TrialImport {
  readonly file: string;
  readonly names: InstitutionNames;
}

/**
 * Takes the studies of one ClinicalTrials.gov answer, in one transaction. A study is taken whole
 * or refused whole; a newer version of a stored one replaces it, an older one or a part of it does not; the same
 * again is no change.
 *
 * @throws DomainError TRIAL_INVALID if `json` is no such answer at all.
 */
export async function importTrials(
  db: Database,
  json: unknown,
  { file, names }: TrialImport,
): Promise<ImportReport> {
  const { trials, refused } = separate(parseStudies(json, names));
  const { taken, partial } = await db.transaction((tx) => storeTrials(tx, trials));
  const unchanged = trials.length - taken - partial.length;
  return { ...NO_ENDS, file, taken, unchanged, refused: [...refused, ...partial] };
}

/**
 * Imports a file, or every JSON file of a folder. A file that cannot be read at all is reported as
 * refused whole, and the others go on.
 */
export async function importTrialPath(
  db: Database,
  path: string,
  names: InstitutionNames,
  onReport: (report: ImportReport) => void = () => undefined,
): Promise<readonly ImportReport[]> {
  const reports: ImportReport[] = [];
  for (const file of await jsonFilesOf(path)) {
    const report = await importFile(db, file, names);
    reports.push(report);
    onReport(report);
  }
  return reports;
}

async function importFile(
  db: Database,
  path: string,
  names: InstitutionNames,
): Promise<ImportReport> {
  const file = basename(path);
  try {
    return await importTrials(db, await readJsonFile(path), { file, names });
  } catch (failure) {
    if (!isRefusal(failure)) throw failure;
    const refused = [{ path: '', code: codeOf(failure), detail: failure.message }];
    return { ...NO_ENDS, file, refused };
  }
}

function separate(readings: readonly StudyReading[]) {
  const trials = new Map<string, DatedTrial>();
  const refused: RefusedEntry[] = [];
  for (const reading of readings) {
    if ('refused' in reading) refused.push(reading.refused);
    else if (trials.has(reading.trial.id)) {
      const detail = `${reading.trial.id} is in this file twice`;
      refused.push({ path: '', code: 'TRIAL_INVALID', detail });
    } else trials.set(reading.trial.id, reading);
  }
  return { trials: [...trials.values()], refused };
}

/** Stores what is newer than what is stored, and says what is only a part of it. */
async function storeTrials(
  tx: SqlTransaction,
  trials: readonly DatedTrial[],
): Promise<{ readonly taken: number; readonly partial: readonly RefusedEntry[] }> {
  if (trials.length === 0) return { taken: 0, partial: [] };
  const stored = await readStored(tx, trials);
  const rows: Rows[] = [];
  const partial: RefusedEntry[] = [];
  for (const dated of trials) {
    const before = stored.get(dated.trial.id);
    const own = toRows(dated);
    const decision = before === undefined ? STORE : decideTrial(dated, before);
    const isSame = own.row.contentHash === before?.contentHash;
    if (decision.kind === 'PARTIAL') partial.push(partialOf(dated.trial, decision.lacks));
    else if (decision.kind === 'STORE' && !isSame) rows.push(own);
    else if (decision.kind === 'STORE') await noteUpdate(tx, own.row);
  }
  await storeRows(tx, rows);
  return { taken: rows.length, partial };
}

const STORE: TrialDecision = { kind: 'STORE' };

function partialOf({ id }: Trial, lacks: readonly string[]): RefusedEntry {
  const detail = `${id} lacks what the stored record has: ${lacks.join(', ')}`;
  return { path: '', code: 'TRIAL_PARTIAL', detail };
}

/** The records that are stored of those trials, with what tells whether they are the same. */
async function readStored(tx: SqlTransaction, trials: readonly DatedTrial[]) {
  const ids = trials.map(({ trial: { id } }) => id);
  const found = await tx
    .select({ contentHash: trial.contentHash, updated: trial.updated, record: trial.record })
    .from(trial)
    .where(inArray(trial.id, ids));
  const sites = await tx.select().from(site).where(inArray(site.trialId, ids));
  const withSites = new Map(sites.map((one) => [one.trialId, one]));
  return new Map(
    found.map(({ record, ...known }) => {
      // Whether there are sites is all that is asked of them.
      const one = withSites.get(record.id);
      return [record.id, { ...known, trial: { ...record, sites: one === undefined ? [] : [one] } }];
    }),
  );
}

/** The same content under a later date. */
async function noteUpdate(tx: SqlTransaction, { id, updated }: Rows['row']): Promise<void> {
  if (updated !== null) await tx.update(trial).set({ updated }).where(eq(trial.id, id));
}

/** A trial as its tables take it. */
type Rows = ReturnType<typeof toRows>;

async function storeRows(tx: SqlTransaction, rows: readonly Rows[]): Promise<void> {
  if (rows.length === 0) return;
  const leaves = await appendEvidence(
    tx,
    'TRIAL',
    rows.map(({ whole }) => partsOfTrial(whole)),
  );
  for (const part of batches(rows.map(({ row }, i) => ({ ...row, leaf: leaves[i] })))) {
    await tx
      .insert(trial)
      .values(part)
      .onConflictDoUpdate({
        target: trial.id,
        set: {
          contentHash: sql`excluded.content_hash`,
          updated: sql`excluded.updated`,
          status: sql`excluded.status`,
          phases: sql`excluded.phases`,
          searched: sql`excluded.searched`,
          record: sql`excluded.record`,
          leaf: sql`excluded.leaf`,
        },
      });
  }
  const changed = rows.map(({ row }) => row.id);
  if (changed.length > 0) await tx.delete(site).where(inArray(site.trialId, changed));
  for (const part of batches(rows.flatMap(({ siteRows }) => siteRows))) {
    await tx.insert(site).values(part);
  }
}

function toRows({ trial: whole, updated }: DatedTrial) {
  const { sites, ...record } = whole;
  return {
    whole,
    row: {
      id: whole.id,
      contentHash: sha256Hex(canonicalJson(whole)),
      updated,
      status: whole.status,
      phases: [...whole.phases],
      searched: [...whole.conditions, ...whole.keywords].join('\n').toLowerCase(),
      record,
    },
    siteRows: sites.map((place, ordinal) => ({ trialId: whole.id, ordinal, ...place })),
  };
}

function batches<Row>(rows: readonly Row[]): Row[][] {
  const count = Math.ceil(rows.length / BATCH_ROWS);
  return Array.from({ length: count }, (_, i) => rows.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
}
