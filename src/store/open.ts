import type { DatabaseServer, StatementListener } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';

/** Opens PostgreSQL if a URL is given, the embedded engine otherwise. Same tables on both. */
export function openDatabaseServer(options: {
  readonly url?: string;
  readonly directory?: string;
  readonly onStatement?: StatementListener;
}): Promise<DatabaseServer> {
  const { url, ...embedded } = options;
  return url === undefined
    ? openPglite(embedded)
    : openPostgres({ url, ...(options.onStatement ? { onStatement: options.onStatement } : {}) });
}
