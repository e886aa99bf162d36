import { DomainError } from '../core/errors.js';
import { type JsonBounds, parseBoundedJson } from '../core/import/json-bounds.js';

/** Rows in one page at most, whatever was asked for. */
export const MAX_PAGE = 1_000;

/** The number of rows a caller asked for. @throws DomainError BAD_INPUT outside 1 to MAX_PAGE. */
export function pageSize(first: number | null | undefined, usual: number): number {
  const size = first ?? usual;
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw new DomainError('BAD_INPUT', { argument: 'first', least: 1, most: MAX_PAGE });
  }
  return size;
}

/** An opaque cursor over the key that the page is ordered by. It carries no more than that key. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** A list of a few texts. */
const CURSOR_BOUNDS: JsonBounds = { maxDepth: 1, maxValues: 16 };

/** @throws DomainError BAD_INPUT for a cursor that this API never gave. */
export function decodeCursor(
  cursor: string | null | undefined,
  parts: number,
): readonly string[] | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  try {
    const key = parseBoundedJson(Buffer.from(cursor, 'base64url'), CURSOR_BOUNDS);
    if (Array.isArray(key) && key.length === parts && key.every((p) => typeof p === 'string')) {
      return key;
    }
  } catch {
    // Falls through: not JSON is as wrong as not a key.
  }
  throw new DomainError('BAD_INPUT', { argument: 'after' });
}

/** One source's rows, already in key order, and whether it has more. */
export interface SortedRows<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}

/**
 * A page as another node answers it.
 *
 * @throws Error for a next page behind no row: no cursor leads there, so a client that reads on
 * would begin again at the start, without end.
 */
export function takePage<Row>(rows: readonly Row[], hasNextPage: boolean): SortedRows<Row> {
  if (hasNextPage && rows.length === 0) throw new Error('a next page follows a row');
  return { rows, hasNextPage };
}

/**
 * Merges sorted shards into one page of `size` rows, in the shards' common order.
 * Each shard must have been asked for `size` rows after the same cursor: then no row is skipped.
 *
 * @param compare - negative, zero or positive; rows that compare equal are joined by `join`.
 */
export function mergeSorted<Row>(
  shards: readonly SortedRows<Row>[],
  size: number,
  compare: (a: Row, b: Row) => number,
  join?: (a: Row, b: Row) => Row,
): SortedRows<Row> {
  const all = shards.flatMap(({ rows }) => rows).sort(compare);
  const rows: Row[] = [];
  for (const row of all) {
    const last = rows.at(-1);
    if (join !== undefined && last !== undefined && compare(last, row) === 0) {
      rows[rows.length - 1] = join(last, row);
    } else rows.push(row);
  }
  const hasNextPage = rows.length > size || shards.some((shard) => shard.hasNextPage);
  return { rows: rows.slice(0, size), hasNextPage };
}
