import {
  type EntryEnds,
  type ImportReport,
  NO_ENDS,
  type RefusedEntry,
  sumOfEnds,
} from '../../core/import/import-report.js';
import type { Stored } from './store.js';

/** Refusals that a report keeps of one file; the others are counted. */
const MAX_LISTED = 1_000;

/** Hears of every refusal, those too that no report keeps. */
export type OnRefused = (file: string, entries: readonly RefusedEntry[]) => void;

/** What a batch says beyond how its entries ended. */
type Told = 'withheldBy' | 'noted' | 'localCodes';

/** Adds up what becomes of a file, in memory that does not grow with it. */
export class ImportTally {
  private ends = NO_ENDS;
  private unlisted = 0;
  /** Lines that an import before this one had done. */
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
      ...{ file, ...ends, refused: [...this.listed] },
      ...withoutRowOf(this.withoutRow),
      ...notedOf(this.noted),
      ...(localCodes === 0 ? {} : { localCodes }),
      ...(unlisted === 0 ? {} : { refusedUnlisted: unlisted }),
      ...(resumedLines === 0 ? {} : { resumedLines }),
    };
  }
}

/** That part of a report; nothing where every resource that is a row was told as one. */
export function withoutRowOf(
  counts: ReadonlyMap<string, number>,
): Pick<ImportReport, 'withoutRow'> {
  return counts.size === 0 ? {} : { withoutRow: Object.fromEntries(counts) };
}

/** That part of a report; nothing where there is nothing to know. */
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
