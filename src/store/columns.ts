import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/*
 * Rows for one INSERT, a list for each column, in PostgreSQL's binary form of text[]: the engine copies
 * it, where a list of JSON objects is read letter by letter, a third of what storing took.
 */

/** The columns that rows are given for, each with its PostgreSQL type: names in code, never input. */
export type Columns = Readonly<Record<string, string>>;

/** The columns of a table by the names that PostgreSQL has for them. */
type ColumnsOf<Table extends PgTable> = {
  readonly [Column in Table['_']['columns'][string] as Column['_']['name']]: string;
};

/** All columns of a table, as it is defined, in its order. */
export function columnsOf<Table extends PgTable>(table: Table): ColumnsOf<Table> {
  const columns = Object.values(getTableColumns(table));
  return Object.fromEntries(
    columns.map((column) => [column.name, column.getSQLType()]),
  ) as ColumnsOf<Table>;
}

/** A row's values in the order of its columns, each as text that its type reads. */
export type ColumnValues = readonly (string | number | null)[];

/** A row by the names of its columns, so that none is taken for its neighbour. */
export function valuesOf<Named extends Columns>(
  columns: Named,
  row: Readonly<Record<keyof Named, string | number | null>>,
): ColumnValues {
  return Object.keys(columns).map((name) => row[name] ?? null);
}

/** `INSERT INTO table (columns) SELECT … FROM unnest(…)`: what comes behind the table's name. */
export function columnsFrom(columns: Columns, rows: readonly ColumnValues[]): SQL {
  const names = Object.keys(columns);
  const lists = names.map((_, at) => sql`${textList(rows, at)}::text[]`);
  const typed = Object.entries(columns).map(([name, type]) =>
    type === 'text' ? name : `${name}::${type}`,
  );
  return sql`(${sql.raw(names.join(', '))}) SELECT ${sql.raw(typed.join(', '))}
    FROM unnest(${sql.join(lists, sql`, `)}) AS given(${sql.raw(names.join(', '))})`;
}

/** The text form of a text[], for a column of lists. */
export function listText(items: readonly string[]): string {
  const quoted = items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`);
  return `{${quoted.join(',')}}`;
}

const TEXT_OID = 25;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

/** @source array_recv and textrecv of PostgreSQL */
function textList(rows: readonly ColumnValues[], at: number): Buffer {
  const texts = rows.map((row) => {
    const value = row[at] ?? null;
    return value === null ? null : String(value);
  });
  // A character of a string is three bytes at most.
  const most = texts.reduce((sum, text) => sum + 4 + 3 * (text?.length ?? 0), HEADER_BYTES);
  const bytes = Buffer.allocUnsafe(most);
  const [dimensions, hasNulls, lowerBound] = [1, texts.includes(null) ? 1 : 0, 1];
  const header = [dimensions, hasNulls, TEXT_OID, texts.length, lowerBound];
  let end = 0;
  for (const value of header) end = bytes.writeInt32BE(value, end);
  for (const text of texts) {
    const written = text === null ? 0 : bytes.write(text, end + 4);
    bytes.writeInt32BE(text === null ? NULL_LENGTH : written, end);
    end += 4 + written;
  }
  return bytes.subarray(0, end);
}
