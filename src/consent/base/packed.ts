import { sql } from 'drizzle-orm';

/**
 * Many like-sized byte strings as one text. Base64, because the embedded engine writes a bytea
 * parameter and reads a bytea column ten times slower than it decodes this (measured), and one text
 * is alike on both engines.
 */
export interface PackedRow {
  /** Comma separated; null for no rows. */
  readonly numbers: string | null;
  /** Base64, in the order of the numbers; null for no rows. */
  readonly bytes: string | null;
}

/** Selects a column and its number, ascending, as one PackedRow. */
export function packBytes(number: string, bytes: string) {
  const [by, from] = [sql.identifier(number), sql.identifier(bytes)];
  return sql`string_agg(${by}::text, ',' ORDER BY ${by}) AS numbers,
    encode(string_agg(${from}, ''::bytea ORDER BY ${by}), 'base64') AS bytes`;
}

/** The rows that a PackedRow holds. */
export function unpack(row: PackedRow | undefined): {
  readonly numbers: number[];
  readonly bytes: Uint8Array;
} {
  const { numbers, bytes } = row ?? { numbers: null, bytes: null };
  return {
    numbers: numbers === null ? [] : numbers.split(',').map(Number),
    bytes: Buffer.from(bytes ?? '', 'base64'),
  };
}

/** A query of (number, bytes): each number with its part of the bytes, `size` each. */
export function rowsFrom(numbers: readonly number[], bytes: Uint8Array, size: number) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  const list = `{${numbers.join(',')}}`;
  // Materialized: decoded once, not for each of its rows.
  return sql`(
    WITH whole AS MATERIALIZED (SELECT decode(${text}::text, 'base64') AS bytes)
    SELECT given.number, substring(whole.bytes FROM ((given.place - 1) * ${sql.raw(String(size))} + 1)::int
      FOR ${sql.raw(String(size))}) AS bytes
    FROM whole, unnest(${list}::text::int[]) WITH ORDINALITY AS given(number, place))`;
}

/** The list as an SQL array. */
export function arrayOf(numbers: readonly number[]) {
  return sql`${`{${numbers.join(',')}}`}::text::int[]`;
}
