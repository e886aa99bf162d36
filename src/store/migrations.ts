import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { DomainError } from '../core/errors.js';
import { rowsOf } from './database.js';

/** The SQL that drizzle-kit wrote from every room's table.ts; found from src/ and from dist/ alike. */
export const MIGRATIONS_FOLDER = fileURLToPath(
  new URL('../../src/store/migrations', import.meta.url),
);

/** Kept inside each institution's schema, so that each is at its own version. */
export const MIGRATIONS_TABLE = 'migration';

/**
 * Makes a schema with the tables of this version, or requires that it has them. Until the first
 * release the one migration is rewritten whole, so a schema of another version would seem to be up
 * to date.
 *
 * @param execute - runs a statement in the one transaction that all of it is in.
 * @param schema - made of an institution's id: a name in code, never input.
 * @throws DomainError STATE_OTHER_VERSION
 */
export async function migrateSchema(
  execute: (statement: string) => Promise<unknown>,
  schema: string,
): Promise<void> {
  const table = `"${schema}".${MIGRATIONS_TABLE}`;
  await execute(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  await execute(`SET LOCAL search_path TO "${schema}"`);
  await execute(
    `CREATE TABLE IF NOT EXISTS ${table} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  );
  const applied = rowsOf<{ hash: string }>(await execute(`SELECT hash FROM ${table} ORDER BY id`));
  const files = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  const isOurs =
    applied.length <= files.length && applied.every(({ hash }, at) => hash === files[at]?.hash);
  if (!isOurs) throw new DomainError('STATE_OTHER_VERSION');
  for (const { sql: statements, hash, folderMillis } of files.slice(applied.length)) {
    for (const statement of statements) await execute(statement);
    await execute(
      `INSERT INTO ${table} (hash, created_at) VALUES ('${hash}', ${Math.trunc(folderMillis)})`,
    );
  }
}
