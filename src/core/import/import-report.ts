import type { ErrorCode } from '../error-codes.js';

/** One entry that an import did not take, and where it stands in its file. */
export interface RefusedEntry {
  /** The place in the file, as a JSON path: `epcisBody.eventList[2].action`. Empty: the whole file. */
  readonly path: string;
  readonly code: ErrorCode;
  /** What does not hold there, naming elements and limits, never what a record says of a person. */
  readonly detail: string;
}

/**
 * How entries of a file end, but for those that were refused: each in exactly one of these. An entry
 * is a line of a file of lines, an entry of a bundle (also of one that is such a line), an event or
 * a study.
 */
export interface EntryEnds {
  /** Stored now, new or in place of an older version. */
  readonly taken: number;
  /** What changes nothing: stored before as it is or in a newer version, or deleted since. */
  readonly unchanged: number;
  /** Deletions after which something that was stored is gone. */
  readonly deleted: number;
  /**
   * Stored whole now, but nobody's: the patient is named by an identifier, by words, by what the
   * resource contains, or not at all. No question finds it.
   */
  readonly withoutPatient: number;
}

/** No entry at all: what a sum begins with. */
export const NO_ENDS: EntryEnds = { taken: 0, unchanged: 0, deleted: 0, withoutPatient: 0 };

/** What became of one file: every entry that it has ended in one of the counts, or was refused. */
export interface ImportReport extends EntryEnds {
  readonly file: string;
  readonly refused: readonly RefusedEntry[];
  /**
   * Of those taken or unchanged, how many are stored whole and told as no row, by the element that
   * says why: `Observation.modifierExtension`.
   */
  readonly withoutRow?: Readonly<Record<string, number>>;
  /** What else to know of some, by what it is, and of how many: a deletion of what is not stored. */
  readonly noted?: Readonly<Record<string, number>>;
  /**
   * Codes of those taken or unchanged that leave with no row, because no published terminology has
   * them: local ones, mistyped ones, and whatever else stands where a code belongs.
   */
  readonly localCodes?: number;
  /** Entries refused beyond those: a report does not grow with its file. */
  readonly refusedUnlisted?: number;
  /** Lines of the file that an import before this one had done, which the counts leave out. */
  readonly resumedLines?: number;
}

/** How many entries of a file ended in any way. */
export function endedCount(report: ImportReport): number {
  const { taken, unchanged, deleted, withoutPatient } = report;
  return taken + unchanged + deleted + withoutPatient + refusedCount(report);
}

/** Ends of two parts of one file, or of two files. */
export function sumOfEnds(one: EntryEnds, other: EntryEnds): EntryEnds {
  return {
    taken: one.taken + other.taken,
    unchanged: one.unchanged + other.unchanged,
    deleted: one.deleted + other.deleted,
    withoutPatient: one.withoutPatient + other.withoutPatient,
  };
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
