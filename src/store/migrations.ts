import { fileURLToPath } from 'node:url';

/** The SQL that drizzle-kit wrote from every room's table.ts; found from src/ and from dist/ alike. */
export const MIGRATIONS_FOLDER = fileURLToPath(
  new URL('../../src/store/migrations', import.meta.url),
);

/** Kept inside each institution's schema, so that each is at its own version. */
export const MIGRATIONS_TABLE = 'migration';
