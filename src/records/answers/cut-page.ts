import type { RecordContent, Released } from '../model/model.js';
import { comparePlaces, compareRecords, placeOf, type RowPlace } from '../model/order.js';

/** A row under its outward id, and the index of the permit that opened it. */
export interface NamedRow<Content extends RecordContent> {
  readonly permit: number;
  readonly record: Released & Content;
}

/** One participant's page, and the permit that each of its records was released under. */
export interface CutPage<Content extends RecordContent> {
  readonly records: readonly (Released & Content)[];
  readonly permitOfRecord: readonly number[];
  readonly hasNextPage: boolean;
}

/** Sorts rows by outward place, drops those up to the cursor and keeps one page. */
export function cutPage<Content extends RecordContent>(
  rows: readonly NamedRow<Content>[],
  first: number,
  after: RowPlace | undefined,
): CutPage<Content> {
  const ordered = rows
    .filter(({ record }) => after === undefined || comparePlaces(placeOf(record), after) > 0)
    .sort((a, b) => compareRecords(a.record, b.record));
  const page = ordered.slice(0, first);
  return {
    records: page.map(({ record }) => record),
    permitOfRecord: page.map(({ permit }) => permit),
    hasNextPage: ordered.length > first,
  };
}
