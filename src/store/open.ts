import type { DatabaseServer } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgres, type PostgresOptions } from './postgres.js';

/** Opens PostgreSQL if a URL is given, the embedded engine otherwise. Same tables on both. */
export function openDatabaseServer(
  options: Partial<PostgresOptions> & { readonly directory?: string },
): Promise<DatabaseServer> {
  const { url, directory, onStatement, ...postgres } = options;
  const listening = onStatement === undefined ? {} : { onStatement };
  if (url !== undefined) return openPostgres({ ...postgres, ...listening, url });
  return openPglite({ ...listening, ...(directory === undefined ? {} : { directory }) });
}
