import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { DomainError } from '../core/errors.js';

/** The SQL that drizzle-kit wrote from every room's table.ts; found from src/ and from dist/ alike. */
export const MIGRATIONS_FOLDER = fileURLToPath(
  new URL('../../src/store/migrations', import.meta.url),
);

/** Kept inside each institution's schema, so that each is at its own version. */
export const MIGRATIONS_TABLE = 'migration';

/** Reads which migrations a schema has had: one row each, with the hash of its SQL. */
export function appliedMigrations(schema: string) {
  return sql`SELECT hash FROM ${sql.identifier(schema)}.${sql.identifier(MIGRATIONS_TABLE)}`;
}

/**
 * Requires that a schema has the tables of this version. Until the first release the one migration
 * is rewritten whole, so a schema of another version would seem to be up to date.
 *
 * @param applied - the rows of appliedMigrations, after migrating.
 * @throws DomainError STATE_OTHER_VERSION
 */
export function requireOwnMigrations(applied: readonly { readonly hash: string }[]): void {
  const files = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  const ours = new Set(files.map(({ hash }) => hash));
  const isOurs = applied.length === ours.size && applied.every(({ hash }) => ours.has(hash));
  if (!isOurs) throw new DomainError('STATE_OTHER_VERSION');
}
