import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { ImportFrom } from '../../core/import/import-files.js';
import type { ImportReport, RefusedEntry } from '../../core/import/import-report.js';
import type { Database } from '../../store/database.js';
import { oneImportAtATime } from '../../store/imports/one-import.js';

/** The standards that a node imports files of. */
export const STANDARDS = ['fhir', 'trials', 'epcis'] as const;
export type Standard = (typeof STANDARDS)[number];

/** @throws DomainError BAD_INPUT */
export function toStandard(text: string): Standard {
  const standard = STANDARDS.find((known) => known === text);
  if (standard === undefined) {
    throw new DomainError('BAD_INPUT', { standard: 'unknown', known: STANDARDS.join(' ') });
  }
  return standard;
}

/** Callbacks for an import. */
export interface ImportWatch {
  /** Called when a file is done. */
  readonly onReport: (report: ImportReport) => void;
  /** Called when a long file begins. @returns a function that is called with its progress. */
  readonly onBegin?: (
    file: string,
    sizeBytes: number,
  ) => (reached: { readonly bytes: number; readonly resources: number }) => void;
  /** Called for every refusal, including those that a report only counts. */
  readonly onRefused?: (file: string, entries: readonly RefusedEntry[]) => void;
}

/** What to import, and how to read it. */
export interface ImportInput {
  readonly standard: Standard;
  readonly from: ImportFrom;
  /** Institutions by the names in trials and sites; undefined if no ledger can be asked. */
  readonly names: ReadonlyMap<string, InstitutionId> | undefined;
  /** Threads that validate FHIR; by default as many as the size of the input justifies. */
  readonly threads?: number;
  /** The server of FHIR resources that do not name one; by default the unnamed server. */
  readonly server?: string;
  /** Whether FHIR ids of more than 64 characters are accepted and kept in a table. */
  readonly longIds?: boolean;
}

/**
 * Imports a file, or a folder of files, of one standard, and reports each file when it is done.
 * Other imports into the same database may run at the same time.
 */
export async function importStandard(
  database: Database,
  input: ImportInput,
  watch: ImportWatch,
): Promise<readonly ImportReport[]> {
  const { standard, from, names, threads, server, longIds } = input;
  const db = oneImportAtATime(database);
  const onReport = (report: ImportReport) => {
    if (report.refused.length > 0) watch.onRefused?.(report.file, report.refused);
    watch.onReport(report);
  };
  // Each standard's library is loaded only when needed: FHIR's definitions take a second.
  if (standard === 'trials') {
    const { importTrialPath } = await import('../../trials/import.js');
    return importTrialPath(db, from, names, onReport);
  }
  if (standard === 'epcis') {
    const { importEpcisPath } = await import('../../supply/import.js');
    return importEpcisPath(db, from, onReport);
  }
  const { importPath } = await import('../../records/import/import-path.js');
  const read = {
    ...(threads === undefined ? {} : { threads }),
    ...(server === undefined ? {} : { server }),
    ...(longIds === undefined ? {} : { longIds }),
  };
  return importPath(db, from, { ...watch, ...read });
}
