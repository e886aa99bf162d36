import type { EntryEnds } from '../core/import-report.js';
import type { SqlTransaction } from '../store/database.js';
import { SettledWords } from './code-display.js';
import type { DeletedEntry, Refusal } from './fhir-bundle.js';
import type { PreparedEntry, PreparedResource } from './fhir-import-prepare.js';
import { deleteResources } from './version/delete.js';
import { storeSegment, type Waiting } from './version/store-segment.js';

/** What became of prepared entries: each is in exactly one of the counts or lists. */
export interface Stored extends EntryEnds {
  readonly waiting: readonly Waiting[];
  readonly refused: readonly Refusal[];
  /** Of those taken or unchanged, the elements that keep them from being rows, one for each. */
  readonly withheldBy: readonly string[];
  /** Of those taken or unchanged, the codes that are of no published terminology. */
  readonly localCodes: number;
}

/** How entries are stored. */
export interface StoreOptions {
  readonly settled?: SettledWords;
  /** Whether they had to wait: others that stood behind them are stored already. */
  readonly isLate?: boolean;
  /** Of what had to wait, whether it was deleted meanwhile: it changes nothing. */
  readonly isGone?: (resource: PreparedResource) => boolean;
}

/**
 * Stores resources whose patient is known, in order, and deletes what is named for it. What is stored
 * just so, or in a newer version, stays. Of two under one id of which nothing says which one is newer
 * the later one stays, as it would in two files.
 */
export async function storePrepared(
  tx: SqlTransaction,
  entries: readonly PreparedEntry[],
  { settled = new SettledWords(), isLate = false, isGone = () => false }: StoreOptions = {},
): Promise<Stored> {
  const left = entries.filter((entry) => 'deletedAt' in entry || !isGone(entry));
  const unchanged = entries.length - left.length;
  const sums = { taken: 0, unchanged, deleted: 0, withoutPatient: 0 };
  const waiting: Waiting[] = [];
  const refused: Refusal[] = [];
  const withheldBy: string[] = [];
  let localCodes = 0;
  for (const segment of segmentsOf(left)) {
    if (segment.deletions.length > 0 && isLate) {
      // No deletion waits: this one was done before the import was cut short.
      sums.unchanged += segment.deletions.length;
      continue;
    }
    if (segment.deletions.length > 0) {
      const { deleted, unchanged } = await deleteResources(tx, segment.deletions);
      sums.deleted += deleted;
      sums.unchanged += unchanged;
      continue;
    }
    const stored = await storeSegment(tx, segment.resources, { settled, isLate });
    sums.taken += stored.taken;
    sums.unchanged += stored.unchanged;
    sums.withoutPatient += stored.withoutPatient;
    waiting.push(...stored.waiting);
    refused.push(...stored.refused);
    withheldBy.push(...stored.withheldBy);
    localCodes += stored.localCodes;
  }
  return { ...sums, waiting, refused, withheldBy, localCodes };
}

interface Segment {
  readonly resources: PreparedResource[];
  readonly deletions: DeletedEntry[];
}

/** Parts of resources alone or deletions alone, so that each sees what the one before did. */
function segmentsOf(entries: readonly PreparedEntry[]): readonly Segment[] {
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
