import type { Config } from '../core/config.js';
import type { DatabaseServer } from '../store/database.js';
import { openDatabaseServer } from '../store/open.js';
import type { StateFolder } from './state-folder.js';

/** The database of the settings: PostgreSQL by URL, or an embedded one in that state folder. */
export function openDatabases(config: Config, folder: StateFolder): Promise<DatabaseServer> {
  const { databaseUrl: url, databasePoolSize: poolSize } = config;
  return openDatabaseServer(
    url === undefined ? { directory: folder.at('database') } : { url, poolSize },
  );
}
