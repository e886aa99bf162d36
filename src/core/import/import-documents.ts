import type { ErrorCode } from '../error-codes.js';
import { codeOf, isRefusal } from '../errors.js';
import { type FoundFile, foundIn, type ImportFrom, skippedReport } from './import-files.js';
import { type ImportReport, NO_ENDS, type RefusedEntry, sumOfEnds } from './import-report.js';
import { parseJson, readJsonFile, readTextFile } from './json-file.js';

/** What ends an import, and says nothing of a file: the node stops, or what it asks is away. */
const OF_THE_NODE: ReadonlySet<ErrorCode> = new Set([
  'STOPPING',
  'SOURCE_FAILED',
  'SOURCE_UNAVAILABLE',
]);

/** Stores one document and says what became of it. */
export type TakeDocument = (json: unknown, file: string) => Promise<ImportReport>;

/**
 * Imports a file, or every file below a folder; a file of lines has a document on each. What cannot be
 * read at all is reported as refused, and the others go on.
 *
 * @throws DomainError FILE_UNREADABLE if the path itself cannot be read.
 */
export async function importDocuments(
  from: ImportFrom,
  take: TakeDocument,
  onReport: (report: ImportReport) => void = () => undefined,
): Promise<readonly ImportReport[]> {
  const reports: ImportReport[] = [];
  for (const file of await foundIn(from)) {
    const report = await importFile(file, take);
    reports.push(report);
    onReport(report);
  }
  return reports;
}

async function importFile(file: FoundFile, take: TakeDocument): Promise<ImportReport> {
  const { path, name, form } = file;
  if (form === undefined) return skippedReport(file);
  if (form === 'JSON') return refusing(name, async () => take(await readJsonFile(path), name));
  return refusing(name, async () => importLines(name, await readTextFile(path), take));
}

async function importLines(name: string, text: string, take: TakeDocument): Promise<ImportReport> {
  let ends = NO_ENDS;
  const refused: RefusedEntry[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const report = await refusing(name, async () => take(parseJson(line), name));
    ends = sumOfEnds(ends, report);
    const placed = report.refused.map((one) => ({
      ...one,
      path: `line ${i + 1} ${one.path}`.trim(),
    }));
    refused.push(...placed);
  }
  return { ...ends, file: name, refused };
}

async function refusing(file: string, work: () => Promise<ImportReport>): Promise<ImportReport> {
  try {
    return await work();
  } catch (failure) {
    if (!isRefusal(failure) || OF_THE_NODE.has(failure.code)) throw failure;
    const at = typeof failure.facts.path === 'string' ? failure.facts.path : '';
    const refused = [{ path: at, code: codeOf(failure), detail: failure.message }];
    return { ...NO_ENDS, file, refused };
  }
}
