import { eq, inArray, sql } from 'drizzle-orm';
import { appendEvidence } from '../consent/evidence/append.js';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import type { StudyId } from '../core/ids.js';
import { importDocuments } from '../core/import/import-documents.js';
import type { ImportFrom } from '../core/import/import-files.js';
import { type ImportReport, NO_ENDS, type RefusedEntry } from '../core/import/import-report.js';
import type { Database, SqlTransaction } from '../store/database.js';
import { parseStudies, type ReadStudy } from './ctgov.js';
import { partsOfTrial } from './evidence.js';
import type { InstitutionNames } from './institution-names.js';
import { readKnown, withKnownInstitutions } from './known.js';
import type { Trial } from './model.js';
import { site, trial } from './table.js';
import { type DatedTrial, decideTrial, type TrialDecision, withNewerStatus } from './version.js';

/** Rows per INSERT: more than a few hundred are no faster and only make the statement longer. */
const BATCH_ROWS = 500;

export interface TrialImport {
  readonly file: string;
  /** Undefined if no ledger can be asked: then stored records keep their institutions. */
  readonly names: InstitutionNames | undefined;
}

/**
 * Imports the studies of one ClinicalTrials.gov answer, in one transaction. A study is stored or
 * refused as a whole. A newer version replaces the stored one; an older or partial one does not,
 * except for the status of a newer partial one. Importing the same study again changes nothing.
 *
 * @throws DomainError TRIAL_INVALID if `json` is not such an answer at all.
 */
export async function importTrials(
  db: Database,
  json: unknown,
  { file, names }: TrialImport,
): Promise<ImportReport> {
  const readings = parseStudies(json, names ?? new Map());
  const refused = readings.flatMap((one) => ('refused' in one ? [one.refused] : []));
  const studies = readings.flatMap((one) => ('refused' in one ? [] : [one]));
  const { partial, ...ends } = await db.transaction((tx) =>
    storeTrials(tx, studies, names !== undefined),
  );
  return { ...NO_ENDS, file, ...ends, refused: [...refused, ...partial] };
}

/**
 * Imports a file, or every file below a folder (core/import/import-files.ts says which). A file that
 * cannot be read is reported as refused; the others are still imported.
 */
export async function importTrialPath(
  db: Database,
  from: ImportFrom,
  names: InstitutionNames | undefined,
  onReport?: (report: ImportReport) => void,
): Promise<readonly ImportReport[]> {
  return importDocuments(from, (json, file) => importTrials(db, json, { file, names }), onReport);
}

/** The result of importing the studies of one file. */
interface StudyEnds {
  readonly taken: number;
  readonly unchanged: number;
  readonly partial: readonly RefusedEntry[];
}

/** Stores studies that are newer than the stored ones, and refuses those that are only a part. */
async function storeTrials(
  tx: SqlTransaction,
  studies: readonly ReadStudy[],
  areNamesKnown: boolean,
): Promise<StudyEnds> {
  const known = await readKnown(
    tx,
    studies.map(({ trial: { id } }) => id),
  );
  const newest = new Map<StudyId, DatedTrial>();
  const partial: RefusedEntry[] = [];
  let taken = 0;
  for (const { path, trial: read, updated } of studies) {
    const before = newest.get(read.id) ?? known.get(read.id);
    const isKept = before !== undefined && !areNamesKnown;
    const coming = { updated, trial: isKept ? withKnownInstitutions(read, before.trial) : read };
    const decision = before === undefined ? STORE : decideTrial(coming, before);
    if (decision.kind === 'PARTIAL' && before !== undefined) {
      const followed = withNewerStatus(coming, before);
      if (followed !== undefined) newest.set(read.id, followed);
      partial.push(partialOf(path, read, { ...decision, isStatusTaken: followed !== undefined }));
    } else if (decision.kind === 'STORE') taken += 1;
    // Unchanged content with a later date gets that date, so that an update between the two counts
    // as older.
    const isDated = decision.kind === 'SAME' && (updated ?? '') > (before?.updated ?? '');
    if (decision.kind === 'STORE' || isDated) newest.set(read.id, coming);
  }
  const rows = [...newest.values()].map(toRows);
  const isNew = ({ row }: Rows) => row.contentHash !== hashOf(known.get(row.id));
  await storeRows(tx, rows.filter(isNew));
  for (const one of rows) if (!isNew(one)) await noteUpdate(tx, one.row);
  return { taken, unchanged: studies.length - taken - partial.length, partial };
}

const STORE: TrialDecision = { kind: 'STORE' };

interface Part {
  readonly lacks: readonly string[];
  readonly isStatusTaken: boolean;
}

function partialOf(path: string, { id, status }: Trial, part: Part): RefusedEntry {
  const { lacks, isStatusTaken } = part;
  const followed = isStatusTaken ? `; only its status was taken: ${status}` : '';
  const detail = `${id} lacks what the stored record has: ${lacks.join(', ')}${followed}`;
  return { path, code: 'TRIAL_PARTIAL', detail };
}

/** Stores the later date of unchanged content. */
async function noteUpdate(tx: SqlTransaction, { id, updated }: Rows['row']): Promise<void> {
  await tx.update(trial).set({ updated }).where(eq(trial.id, id));
}

/** A trial as rows of its tables. */
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

function hashOf(known: DatedTrial | undefined): string | undefined {
  return known && sha256Hex(canonicalJson(known.trial));
}

function batches<Row>(rows: readonly Row[]): Row[][] {
  const count = Math.ceil(rows.length / BATCH_ROWS);
  return Array.from({ length: count }, (_, i) => rows.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
}
