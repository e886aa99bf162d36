import type { ErrorCode } from './error-codes.js';

/** One entry that an import did not take, and where it stands in its file. */
export interface RefusedEntry {
  /** The place in the file, as a JSON path: `epcisBody.eventList[2].action`. Empty: the whole file. */
  readonly path: string;
  readonly code: ErrorCode;
  /** What does not hold there, naming elements and limits, never what a record says of a person. */
  readonly detail: string;
}

/** What became of one file: every entry of it is in exactly one of the three counts. */
export interface ImportReport {
  readonly file: string;
  /** Entries stored now, new or in place of an older version. */
  readonly taken: number;
  /** Entries that were stored before just as they are. */
  readonly unchanged: number;
  readonly refused: readonly RefusedEntry[];
}

/** The path of a place in a JSON document: `studies[3].protocolSection`. */
export function jsonPath(...steps: readonly PropertyKey[]): string {
  return steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}
