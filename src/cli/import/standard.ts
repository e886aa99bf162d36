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

/** What whoever watches an import hears of it. */
export interface ImportWatch {
  /** A file is done. */
  readonly onReport: (report: ImportReport) => void;
  /** A long file is under way. @returns what hears how far it is. */
  readonly onBegin?: (
    file: string,
    sizeBytes: number,
  ) => (reached: { readonly bytes: number; readonly resources: number }) => void;
  /** Every refusal, also those beyond what a report lists. */
  readonly onRefused?: (file: string, entries: readonly RefusedEntry[]) => void;
}

/** What is imported, and how it is read. */
export interface ImportInput {
  readonly standard: Standard;
  readonly from: ImportFrom;
  /** Institutions as trials and their sites call them; undefined if no ledger can be asked. */
  readonly names: ReadonlyMap<string, InstitutionId> | undefined;
  /** That validate FHIR, if not as many as the input is worth. */
  readonly threads?: number;
  /** Of FHIR that names no server: whose ids it has. By default the unnamed server's. */
  readonly server?: string;
  /** Whether ids of FHIR of more than 64 characters are kept, in a table. */
  readonly longIds?: boolean;
}

/**
 * Imports a file, or a folder of files, of one standard; tells of each file as it is done. Others may
 * import into the same database meanwhile.
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
  // Each standard's library is loaded for its own files alone: FHIR's definitions take a second.
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
