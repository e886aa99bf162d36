import { type FoundFile, foundIn, type ImportFrom } from '../../core/import/import-files.js';
import type { ImportReport } from '../../core/import/import-report.js';
import type { Database } from '../../store/database.js';
import { UNNAMED_SERVER } from '../identity/server.js';
import { type FileImport, type FileOptions, fileImportOf } from './import-file.js';
import { firstTypeIn, sizeBytesOf } from './open-file.js';
import { defaultThreads, type Preparer, preparerHere, preparerInThreads } from './pool.js';
import { DeletionsOfImport } from './version/deletions-of-import.js';

/** With fewer bytes than this, validation is done before a thread could start. */
const BYTES_WORTH_THREADS = 8 * 1024 * 1024;

/** Callbacks for an import, and how many threads it may use. */
export interface ImportOptions extends Partial<FileOptions> {
  /** Called once per file, when nothing in it waits any more. */
  readonly onReport?: (report: ImportReport) => void;
  /**
   * Threads that validate lines; 0 for none. By default one per core, if there is enough to
   * validate.
   */
  readonly threads?: number;
}

/**
 * Imports a file, or every file below a folder (core/import/import-files.ts says which). The report names
 * the refused entries of each file. A file that cannot be read at all is refused as a whole, or
 * reported as skipped; the others are imported.
 *
 * A bulk export has a file per resource type: patients are imported first, then the others in name
 * order. Entries whose patient was missing are tried again at the end.
 *
 * @returns a report for each file, in name order.
 * @throws DomainError FILE_UNREADABLE if the path itself cannot be read.
 */
export async function importPath(
  db: Database,
  from: ImportFrom,
  options: ImportOptions = {},
): Promise<readonly ImportReport[]> {
  const files = await foundIn(from);
  const preparer = await preparerFor(files, options.threads);
  try {
    const reports: ImportReport[] = [];
    const finish = async (one: FileImport) => {
      const report = await one.finish();
      reports.push(report);
      options.onReport?.(report);
    };
    const waiting: FileImport[] = [];
    const deletions = new DeletionsOfImport();
    for (const file of await patientsFirst(files)) {
      const read = { server: UNNAMED_SERVER, longIds: false, ...options };
      const input = { db, file, preparer, options: read };
      const one = fileImportOf({ ...input, deletions: deletions.ofNextFile() });
      if (await one.begin()) waiting.push(one);
      else await finish(one);
    }
    for (const one of waiting) await finish(one);
    return reports.sort((a, b) => (a.file < b.file ? -1 : 1));
  } finally {
    await preparer.close();
  }
}

async function patientsFirst(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  if (files.length === 1) return files;
  const patients = new Set<FoundFile>();
  for (const file of files) {
    if (file.form !== undefined && (await firstTypeIn(file.path)) === 'Patient') patients.add(file);
  }
  return [...patients, ...files.filter((file) => !patients.has(file))];
}

async function preparerFor(
  files: readonly FoundFile[],
  threads: number | undefined,
): Promise<Preparer> {
  let bytes = 0;
  for (const { form, path } of files) if (form === 'LINES') bytes += await sizeBytesOf(path);
  const threadsByDefault = bytes < BYTES_WORTH_THREADS ? 0 : defaultThreads();
  const chosen = threads ?? threadsByDefault;
  return chosen === 0 ? preparerHere() : preparerInThreads(chosen);
}
