import {
  type EntryEnds,
  type ImportReport,
  NO_ENDS,
  type RefusedEntry,
  sumOfEnds,
} from '../../core/import/import-report.js';
import type { Stored } from './store.js';

/** Refusals that a report lists per file; further ones are only counted. */
const MAX_LISTED = 1_000;

/** Called for every refusal, including those that the report only counts. */
export type OnRefused = (file: string, entries: readonly RefusedEntry[]) => void;

/** What a batch reports in addition to how its entries ended. */
type Told = 'withheldBy' | 'noted' | 'localCodes';

/** Adds up the results of a file, in memory that does not grow with the file. */
export class ImportTally {
  private ends = NO_ENDS;
  private unlisted = 0;
  /** Lines that an interrupted import before this one had done. */
  resumedLines = 0;
  private readonly listed: RefusedEntry[] = [];
  private readonly withoutRow = new Map<string, number>();
  private readonly noted = new Map<string, number>();
  private localCodes = 0;

  constructor(
    private readonly file: string,
    private readonly onRefused: OnRefused,
  ) {}

  /** Entries that ended now. */
  add({ withheldBy, noted, localCodes, ...ends }: EntryEnds & Pick<Stored, Told>): void {
    this.ends = sumOfEnds(this.ends, ends);
    this.localCodes += localCodes;
    addCounts(this.withoutRow, withheldBy);
    addCounts(this.noted, noted);
  }

  refuse(entries: readonly RefusedEntry[]): void {
    if (entries.length === 0) return;
    const room = Math.max(0, MAX_LISTED - this.listed.length);
    this.listed.push(...entries.slice(0, room));
    this.unlisted += Math.max(0, entries.length - room);
    this.onRefused(this.file, entries);
  }

  report(): ImportReport {
    const { file, ends, unlisted, resumedLines, localCodes } = this;
    return {
      file,
      ...ends,
      refused: [...this.listed],
      ...withoutRowOf(this.withoutRow),
      ...notedOf(this.noted),
      ...(localCodes === 0 ? {} : { localCodes }),
      ...(unlisted === 0 ? {} : { refusedUnlisted: unlisted }),
      ...(resumedLines === 0 ? {} : { resumedLines }),
    };
  }
}

/** The `withoutRow` part of a report; empty if every resource became a row. */
export function withoutRowOf(
  counts: ReadonlyMap<string, number>,
): Pick<ImportReport, 'withoutRow'> {
  return counts.size === 0 ? {} : { withoutRow: Object.fromEntries(counts) };
}

/** The `noted` part of a report; empty if there is nothing to note. */
export function notedOf(counts: ReadonlyMap<string, number>): Pick<ImportReport, 'noted'> {
  return counts.size === 0 ? {} : { noted: Object.fromEntries(counts) };
}

/** How often each element occurs. */
export function countsOf(elements: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  addCounts(counts, elements);
  return counts;
}

function addCounts(counts: Map<string, number>, elements: readonly string[]): void {
  for (const element of elements) counts.set(element, (counts.get(element) ?? 0) + 1);
}
