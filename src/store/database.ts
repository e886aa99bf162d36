import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** One open SQL transaction: drizzle's query builder, alike on PGlite and PostgreSQL. */
export type SqlTransaction = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** What a transaction may do. `read` lets the server refuse a write that should not be there. */
export type TransactionMode = 'read' | 'write';

/**
 * One institution's tables, in a schema of their own.
 *
 * Every statement runs inside `transaction`: the search path is set for the transaction alone,
 * because one set on a session leaks into the next borrower of that session (measured on PGlite).
 */
export interface Database {
  readonly engine: 'pglite' | 'postgres';
  readonly schema: string;
  /**
   * Runs `work` in one transaction; a throw rolls back all of it. The work of a `read` is run once
   * more if the server went away meanwhile, so it changes nothing but what it returns.
   *
   * @throws what `work` throws; for what the engine throws DomainError DATABASE_UNAVAILABLE,
   * DATABASE_BUSY, or DATABASE_FAILED with the `sqlState` of a statement that was refused.
   */
  transaction<T>(work: (tx: SqlTransaction) => Promise<T>, mode?: TransactionMode): Promise<T>;
  /** Reads by one statement without parameters: what every request asks takes one round trip. */
  read(statement: string): Promise<unknown>;
}

/** A running engine that holds the schemas of one or several institutions. */
export interface DatabaseServer {
  readonly engine: 'pglite' | 'postgres';
  /**
   * Opens the schema of that institution, made and migrated to the newest version if needed.
   *
   * @param options.alone - as the one process that works there; the embedded engine is one anyway.
   * @throws DomainError DATABASE_*, STATE_OTHER_VERSION; ALREADY_RUNNING if another is alone there.
   */
  open(institution: string, options?: { readonly alone?: boolean }): Promise<Database>;
  /** Reaches the engine. @throws DomainError DATABASE_UNAVAILABLE. */
  ping(): Promise<void>;
  /**
   * For a process that was told to stop: from then on nothing waits longer than that for the engine,
   * so that one that hangs holds nothing up.
   */
  hurry(ms: number): void;
  close(): Promise<void>;
}

/** Hears of every SQL statement, for the tests that count them. */
export type StatementListener = (statement: string) => void;

/** The schema that holds an institution's tables: a slug's hyphens are no SQL identifier's. */
export function schemaOf(institution: string): string {
  return `assent_${institution.replaceAll('-', '_')}`;
}

/**
 * What each transaction begins by setting, in one message: whether it may write and whose tables it
 * means; without a schema, nobody's.
 */
export function optionsOf(schema: string | undefined, mode: TransactionMode): string {
  const path = `SET LOCAL search_path TO ${schema === undefined ? "''" : `"${schema}"`}`;
  return mode === 'read' ? `SET TRANSACTION READ ONLY; ${path}` : path;
}

/** The rows of a raw statement, whichever driver ran it. */
export function rowsOf<Row>(result: unknown): readonly Row[] {
  return (result as { rows: Row[] }).rows;
}
