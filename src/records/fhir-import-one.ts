import { basename } from 'node:path';
import type { ErrorCode } from '../core/error-codes.js';
import { DomainError } from '../core/errors.js';
import type { ImportReport, RefusedEntry } from '../core/import-report.js';
import { readJsonFile } from '../core/json-file.js';
import type { Database } from '../store/database.js';
import { importBundle } from './fhir-import.js';
import { LinesImport, type OnReached } from './fhir-import-lines.js';
import type { Preparer } from './fhir-import-pool.js';
import { ImportTally, type OnRefused } from './fhir-import-tally.js';

/** What whoever watches hears while files are imported. */
export interface ImportListeners {
  /** A file of lines is under way. */
  readonly onBegin?: (file: string, sizeBytes: number) => OnReached;
  readonly onRefused?: OnRefused;
}

/** The import of one file among others, which may hold the patients that this one is about. */
export interface FileImport {
  /** Takes what it can. @returns whether there is more to take when the other files are done. */
  begin(): Promise<boolean>;
  /** Takes the rest, and refuses what is left then. */
  finish(): Promise<ImportReport>;
}

interface Input {
  readonly db: Database;
  readonly path: string;
  readonly preparer: Preparer;
  readonly options: ImportListeners;
}

/** Failures that refuse a file and let the others be imported; any other ends the import. */
const OF_THE_FILE: ReadonlySet<ErrorCode> = new Set([
  'FILE_UNREADABLE',
  'INPUT_TOO_LARGE',
  'JSON_MALFORMED',
]);

/** Whether a file holds a resource on each line. */
export function isLines(path: string): boolean {
  return /\.ndjson(\.gz)?$/.test(path);
}

export function fileImportOf(input: Input): FileImport {
  return isLines(input.path) ? linesFile(input) : bundleFile(input);
}

function linesFile({ db, path, preparer, options }: Input): FileImport {
  const source = basename(path);
  const tally = new ImportTally(source, options.onRefused ?? (() => undefined));
  let lines: LinesImport | undefined;
  const refusingFile = (work: () => Promise<void>) =>
    work().catch((failure: unknown) => {
      lines = undefined;
      tally.refuse([refusedWhole(failure)]);
    });
  return {
    async begin() {
      await refusingFile(async () => {
        lines = await LinesImport.begin(db, { path, source }, preparer, tally);
        tally.resumedLines = lines.resumedLines;
        await lines.takeFirst(options.onBegin?.(source, lines.sizeBytes));
      });
      return lines?.isWaiting ?? false;
    },
    async finish() {
      await refusingFile(async () => {
        if (lines?.isWaiting) await lines.takeWaiting();
        await lines?.end();
      });
      return tally.report();
    },
  };
}

/** A bundle is read whole and taken in one transaction. */
function bundleFile({ db, path, options }: Input): FileImport {
  const file = basename(path);
  let first: ImportReport;
  const take = async (): Promise<ImportReport> => {
    try {
      return await importBundle(db, await readJsonFile(path), { source: file });
    } catch (failure) {
      return { file, taken: 0, unchanged: 0, refused: [refusedWhole(failure)] };
    }
  };
  return {
    async begin() {
      first = await take();
      return lacksSubject(first);
    },
    async finish() {
      const report = lacksSubject(first) ? sumOf(first, await take()) : first;
      if (report.refused.length > 0) options.onRefused?.(file, report.refused);
      return report;
    },
  };
}

function lacksSubject({ refused }: ImportReport): boolean {
  return refused.some(({ code }) => code === 'FHIR_REFERENCE_UNRESOLVED');
}

/** What the first pass took is unchanged in the second: the sum says what this import did. */
function sumOf(first: ImportReport, again: ImportReport): ImportReport {
  const taken = first.taken + again.taken;
  return { ...again, taken, unchanged: again.unchanged - first.taken };
}

function refusedWhole(failure: unknown): RefusedEntry {
  if (!(failure instanceof DomainError) || !OF_THE_FILE.has(failure.code)) throw failure;
  return { path: '', code: failure.code, detail: failure.message };
}
