import { type EntryEnds, NO_ENDS, sumOfEnds } from '../../core/import/import-report.js';
import type { SqlTransaction } from '../../store/database.js';
import { SettledWords } from '../labels/code-display.js';
import type { DeletedEntry, RefusedResource } from './bundle.js';
import { isResource, type PreparedEntry, type PreparedResource } from './prepare.js';
import type { Lateness } from './version/decide.js';
import { deleteResources } from './version/delete.js';
import { storeSegment, type Waiting } from './version/store-segment.js';

/** The result of storing entries: each is in exactly one of the counts or lists. */
export interface Stored extends EntryEnds {
  readonly waiting: readonly Waiting[];
  readonly refused: readonly RefusedResource[];
  /** For those taken or unchanged: the element that keeps each from being a row. */
  readonly withheldBy: readonly string[];
  /**
   * Notes for the person who imports, one per resource that has one: the type or element, and what
   * about it.
   */
  readonly noted: readonly string[];
  /** For those taken or unchanged: the number of codes of no published terminology. */
  readonly localCodes: number;
}

/** How entries are stored. */
export interface StoreOptions {
  readonly settled?: SettledWords;
  /** Whether they had to wait, so that entries after them are already stored. */
  readonly isLate?: Lateness;
  /** Whether a resource that had to wait was deleted meanwhile; then it changes nothing. */
  readonly isGone?: (resource: PreparedResource) => boolean;
}

/**
 * Stores resources whose patient is known and performs deletions, in order. What is already stored
 * unchanged or in a newer version stays. If two resources share an id and nothing says which is
 * newer, the later one stays, as it would if they came in two files.
 */
export async function storePrepared(
  tx: SqlTransaction,
  entries: readonly PreparedEntry[],
  { settled = new SettledWords(), isLate = false, isGone = () => false }: StoreOptions = {},
): Promise<Stored> {
  const ends: Stored[] = [];
  const left: (PreparedResource | DeletedEntry)[] = [];
  const waiting: Waiting[] = [];
  for (const entry of entries) {
    if ('isUnmatched' in entry) waiting.push(entry);
    else if (!('isMatched' in entry) && !(isResource(entry) && isGone(entry))) left.push(entry);
  }
  const unchanged = entries.length - left.length - waiting.length;
  for (const { deletions, resources } of segmentsOf(left)) {
    if (deletions.length === 0) {
      ends.push({ ...NONE_STORED, ...(await storeSegment(tx, resources, { settled, isLate })) });
    } else if (isLate) {
      // Deletions never wait: this one was done before the import was interrupted.
      ends.push({ ...NONE_STORED, unchanged: deletions.length });
    } else {
      ends.push({ ...NONE_STORED, ...(await deleteResources(tx, deletions)) });
    }
  }
  return [{ ...NONE_STORED, unchanged, waiting }, ...ends].reduce(sumOfStored);
}

/** The result of storing no entries. */
export const NONE_STORED: Stored = {
  ...NO_ENDS,
  waiting: [],
  refused: [],
  withheldBy: [],
  noted: [],
  localCodes: 0,
};

/** Adds the results of two parts of one file. */
export function sumOfStored(one: Stored, other: Stored): Stored {
  return {
    ...sumOfEnds(one, other),
    waiting: [...one.waiting, ...other.waiting],
    refused: [...one.refused, ...other.refused],
    withheldBy: [...one.withheldBy, ...other.withheldBy],
    noted: [...one.noted, ...other.noted],
    localCodes: one.localCodes + other.localCodes,
  };
}

interface Segment {
  readonly resources: PreparedResource[];
  readonly deletions: DeletedEntry[];
}

/**
 * Splits entries into runs of resources and runs of deletions, so that each run sees what the one
 * before did.
 */
function segmentsOf(entries: readonly (PreparedResource | DeletedEntry)[]): readonly Segment[] {
  const segments: Segment[] = [];
  for (const entry of entries) {
    const isDeletion = 'deletedAt' in entry;
    let last = segments.at(-1);
    if (last === undefined || last.deletions.length > 0 !== isDeletion) {
      last = { resources: [], deletions: [] };
      segments.push(last);
    }
    if ('deletedAt' in entry) last.deletions.push(entry);
    else last.resources.push(entry);
  }
  return segments;
}
