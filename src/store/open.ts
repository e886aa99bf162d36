import type { DatabaseServer, StatementListener } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';

/** Opens PostgreSQL if a URL is given, the embedded engine otherwise. Same tables on both. */
export function openDatabaseServer(options: {
  readonly url?: string;
  readonly poolSize?: number;
  readonly directory?: string;
  readonly onStatement?: StatementListener;
}): Promise<DatabaseServer> {
  const { url, poolSize, directory, ...listening } = options;
  if (url === undefined) {
    return openPglite({ ...listening, ...(directory === undefined ? {} : { directory }) });
  }
  return openPostgres({ ...listening, url, ...(poolSize === undefined ? {} : { poolSize }) });
}
