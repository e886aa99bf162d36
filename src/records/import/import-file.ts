import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import { type FoundFile, skippedReport } from '../../core/import/import-files.js';
import type { ImportReport, RefusedEntry } from '../../core/import/import-report.js';
import { readJsonFile } from '../../core/import/json-file.js';
import type { Database } from '../../store/database.js';
import type { Origin } from './bundle.js';
import { reportOfBundle, type TakenBundle, takeBundle } from './import-bundle.js';
import { LinesImport, type OnReached } from './import-ndjson.js';
import type { Preparer } from './pool.js';
import { NONE_STORED, sumOfStored } from './store.js';
import { ImportTally, type OnRefused } from './tally.js';
import type { DeletionsOfFile } from './version/deletions-of-import.js';

/** How files are read, and callbacks for progress. */
export interface FileOptions {
  /** The server of resources that do not name one; by default the unnamed server. */
  readonly server: Origin['server'];
  readonly longIds: boolean;
  /** Called when the import of a file of lines begins. */
  readonly onBegin?: (file: string, sizeBytes: number) => OnReached;
  readonly onRefused?: OnRefused;
}

/** The import of one file among others, which may contain the patients that this one is about. */
export interface FileImport {
  /** Stores what it can. @returns whether more can be stored when the other files are done. */
  begin(): Promise<boolean>;
  /** Stores the rest, and refuses what still lacks its patient. */
  finish(): Promise<ImportReport>;
}

interface Input {
  readonly db: Database;
  readonly file: FoundFile;
  readonly preparer: Preparer;
  readonly options: FileOptions;
  readonly deletions: DeletionsOfFile;
}

/** Failures for which only this file is refused; any other failure ends the import. */
const OF_THE_FILE: ReadonlySet<ErrorCode> = new Set([
  'FILE_UNREADABLE',
  'INPUT_TOO_LARGE',
  'JSON_MALFORMED',
  'JSON_KEY_DOUBLED',
  'BAD_INPUT',
]);

export function fileImportOf(input: Input): FileImport {
  if (input.file.form === undefined) return skippedFile(input);
  return input.file.form === 'LINES' ? linesFile(input) : bundleFile(input);
}

function skippedFile({ file, options }: Input): FileImport {
  const report = skippedReport(file);
  return {
    begin: async () => false,
    async finish() {
      options.onRefused?.(report.file, report.refused);
      return report;
    },
  };
}

function linesFile({ db, file, preparer, options, deletions }: Input): FileImport {
  const { path, name: source } = file;
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
        const { server, longIds } = options;
        const origin = { source, server, longIds };
        const isAgain = file.isAgain ?? false;
        lines = await LinesImport.begin(db, { path, origin, deletions, isAgain }, preparer, tally);
        if (isAgain) return;
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

/**
 * A bundle is read as a whole and stored in one transaction; entries that waited for their patient,
 * in another.
 */
function bundleFile({
  db,
  file: { path, name: file, isAgain = false },
  options,
  deletions,
}: Input): FileImport {
  const { server, longIds } = options;
  const origin = { source: file, server, longIds };
  let first: TakenBundle = { ...NONE_STORED };
  const take = async (only?: ReadonlySet<string>): Promise<TakenBundle> => {
    try {
      return await takeBundle(db, await readJsonFile(path), origin, { deletions, only, isAgain });
    } catch (failure) {
      const refused = [{ order: 0, entry: refusedWhole(failure) }];
      return { ...NONE_STORED, refused };
    }
  };
  return {
    async begin() {
      if (isAgain) return true;
      first = await take();
      return first.waiting.length > 0;
    },
    async finish() {
      const paths = new Set(first.waiting.map(({ path: place }) => place));
      const second =
        isAgain || paths.size > 0 ? await take(isAgain ? undefined : paths) : undefined;
      const report = reportOfBundle(file, second === undefined ? first : sumOf(first, second));
      if (report.refused.length > 0) options.onRefused?.(file, report.refused);
      return report;
    },
  };
}

function sumOf(first: TakenBundle, second: TakenBundle): TakenBundle {
  const refused = [...first.refused, ...second.refused, ...second.waiting];
  return { ...sumOfStored(first, second), refused };
}

function refusedWhole(failure: unknown): RefusedEntry {
  if (!(failure instanceof DomainError) || !OF_THE_FILE.has(failure.code)) throw failure;
  const { path = '' } = failure.facts;
  return { path: String(path), code: failure.code, detail: failure.message };
}
