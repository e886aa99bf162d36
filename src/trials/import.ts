import { basename } from 'node:path';
import { inArray, sql } from 'drizzle-orm';
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

/** Rows in one INSERT: beyond a few hundred nothing is gained and the statement only grows. */
const BATCH_ROWS = 500;

export interface TrialImport {
  readonly file: string;
  readonly names: InstitutionNames;
}

/**
 * Takes the studies of one ClinicalTrials.gov answer, in one transaction. A study is taken whole
 * or refused whole; a newer version of a stored one replaces it; the same again is no change.
 *
 * @throws DomainError TRIAL_INVALID if `json` is no such answer at all.
 */
export async function importTrials(
  db: Database,
  json: unknown,
  { file, names }: TrialImport,
): Promise<ImportReport> {
  const { trials, refused } = separate(parseStudies(json, names));
  const taken = await db.transaction((tx) => storeTrials(tx, trials));
  return { ...NO_ENDS, file, taken, unchanged: trials.length - taken, refused };
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
  const trials = new Map<string, Trial>();
  const refused: RefusedEntry[] = [];
  for (const reading of readings) {
    if ('refused' in reading) refused.push(reading.refused);
    else if (trials.has(reading.trial.id)) {
      const detail = `${reading.trial.id} is in this file twice`;
      refused.push({ path: '', code: 'TRIAL_INVALID', detail });
    } else trials.set(reading.trial.id, reading.trial);
  }
  return { trials: [...trials.values()], refused };
}

/** Stores what differs from what is stored. @returns how many did. */
async function storeTrials(tx: SqlTransaction, trials: readonly Trial[]): Promise<number> {
  const ids = trials.map(({ id }) => id);
  if (ids.length === 0) return 0;
  const stored = await tx
    .select({ id: trial.id, contentHash: trial.contentHash })
    .from(trial)
    .where(inArray(trial.id, ids));
  const hashes = new Map(stored.map(({ id, contentHash }) => [id, contentHash]));
  const rows = trials.map(toRows).filter(({ row }) => hashes.get(row.id) !== row.contentHash);
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
  return rows.length;
}

function toRows(whole: Trial) {
  const { sites, ...record } = whole;
  return {
    whole,
    row: {
      id: whole.id,
      contentHash: sha256Hex(canonicalJson(whole)),
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
