import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, DomainError } from '../core/errors.js';
import type { ImportReport, RefusedEntry } from '../core/import-report.js';
import { parseJson, readJsonFile } from '../core/json-file.js';
import type { Database } from '../store/database.js';
import type { BundleEntry } from './fhir-bundle.js';
import { importBundle, importEntries } from './fhir-import.js';
import { linesOf } from './lines.js';

/** Lines of an NDJSON file that go into one SQL transaction. */
const LINES_TOGETHER = 500;

/** One file is done. */
export type OnProgress = (progress: {
  readonly report: ImportReport;
  readonly done: number;
  readonly total: number;
}) => void;

/**
 * Imports a file, or every *.json and *.ndjson file of a folder in name order, each whole or with
 * its refused entries named. A file that cannot be read at all is refused as a whole; the others
 * are imported.
 *
 * Files whose subjects were missing are tried once more at the end: a bulk export has a file per
 * resource type, and Condition comes before Patient.
 *
 * @throws DomainError FILE_UNREADABLE if the path itself cannot be read.
 */
export async function importPath(
  db: Database,
  path: string,
  onProgress: OnProgress = () => undefined,
): Promise<readonly ImportReport[]> {
  const files = await filesOf(path);
  const reports = new Map<string, ImportReport>();
  for (const file of files) {
    const report = await importFile(db, file);
    reports.set(file, report);
    onProgress({ report, done: reports.size, total: files.length });
  }
  const waiting = files.length === 1 ? [] : files.filter((file) => lacksSubject(reports.get(file)));
  for (const file of waiting) {
    const again = await importFile(db, file);
    const before = reports.get(file);
    // What the first pass took is unchanged in the second: the sum says what this import did.
    const taken = again.taken + (before?.taken ?? 0);
    reports.set(file, { ...again, taken, unchanged: again.unchanged - (before?.taken ?? 0) });
  }
  return [...reports.values()];
}

async function filesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => /\.(json|ndjson)$/.test(name));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}

function lacksSubject(report: ImportReport | undefined): boolean {
  return report?.refused.some(({ code }) => code === 'FHIR_REFERENCE_UNRESOLVED') ?? false;
}

async function importFile(db: Database, path: string): Promise<ImportReport> {
  const file = basename(path);
  try {
    if (path.endsWith('.ndjson')) return await importLines(db, path, file);
    return await importBundle(db, await readJsonFile(path), { source: file });
  } catch (failure) {
    return { file, taken: 0, unchanged: 0, refused: [refusedWhole('', failure)] };
  }
}

/** Each line is a resource of its own, so that a file of any length needs little memory. */
async function importLines(db: Database, path: string, file: string): Promise<ImportReport> {
  let report: ImportReport = { file, taken: 0, unchanged: 0, refused: [] };
  let batch: BundleEntry[] = [];
  const unread: RefusedEntry[] = [];
  async function flush() {
    const next = await importEntries(db, batch, file);
    batch = [];
    report = {
      file,
      taken: report.taken + next.taken,
      unchanged: report.unchanged + next.unchanged,
      refused: [...report.refused, ...next.refused],
    };
  }
  try {
    for await (const { number, text } of linesOf(createReadStream(path, 'utf8'))) {
      const entry = entryOf(`line ${number}`, text);
      if ('code' in entry) unread.push(entry);
      else batch.push(entry);
      if (batch.length === LINES_TOGETHER) await flush();
    }
  } catch (failure) {
    // What came before stays taken, and is counted: each line stands alone.
    unread.push(refusedWhole('', failure));
  }
  await flush();
  return { ...report, refused: [...unread, ...report.refused] };
}

function entryOf(path: string, text: string): BundleEntry | RefusedEntry {
  try {
    return { path, fullUrl: undefined, method: undefined, resource: parseJson(text) };
  } catch (failure) {
    return refusedWhole(path, failure);
  }
}

function refusedWhole(path: string, failure: unknown): RefusedEntry {
  if (!(failure instanceof DomainError)) throw failure;
  return { path, code: codeOf(failure), detail: failure.message };
}
