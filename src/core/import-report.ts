import type { ErrorCode } from './error-codes.js';

/** One entry that an import did not take, and where it stands in its file. */
export interface RefusedEntry {
  /** The place in the file, as a JSON path: `epcisBody.eventList[2].action`. Empty: the whole file. */
  readonly path: string;
  readonly code: ErrorCode;
  /** What does not hold there, naming elements and limits, never what a record says of a person. */
  readonly detail: string;
}

/** What became of one file: every entry that it read is in exactly one of the three counts. */
export interface ImportReport {
  readonly file: string;
  /** Entries stored now, new or in place of an older version. */
  readonly taken: number;
  /** Entries that were stored before just as they are. */
  readonly unchanged: number;
  readonly refused: readonly RefusedEntry[];
  /**
   * Of those taken or unchanged, how many are stored whole and told as no row, by the element that
   * says why: `Observation.modifierExtension`.
   */
  readonly withoutRow?: Readonly<Record<string, number>>;
  /** Entries refused beyond those: a report does not grow with its file. */
  readonly refusedUnlisted?: number;
  /** Lines of the file that an import before this one had done, which the counts leave out. */
  readonly resumedLines?: number;
}

/** How many entries of a file were refused, listed or not. */
export function refusedCount({ refused, refusedUnlisted = 0 }: ImportReport): number {
  return refused.length + refusedUnlisted;
}

/** The path of a place in a JSON document: `studies[3].protocolSection`. */
export function jsonPath(...steps: readonly PropertyKey[]): string {
  return steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}
