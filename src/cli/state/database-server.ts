import { DomainError } from '../../core/errors.js';
import { createLogger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { DatabaseServer } from '../../store/database.js';
import type { DatabaseTimes } from '../../store/database-times.js';
import { openDatabaseServer } from '../../store/open.js';
import { EXIT, endNow } from '../process/exit.js';
import type { StateFolder } from './state-folder.js';

const WAITS_FOR = {
  migration: 'waiting for another process to finish preparing the database',
  lease: "waiting for another process's lease on the database to end",
} as const;

/** The database of the settings: PostgreSQL by URL, or an embedded one in that state folder. */
export function openDatabases(config: Config, folder: StateFolder): Promise<DatabaseServer> {
  const { databaseUrl: url, databasePoolSize: poolSize } = config;
  if (url === undefined) return openDatabaseServer({ directory: folder.at('database') });
  const log = createLogger({ level: config.logLevel, name: 'database' });
  return openDatabaseServer({
    url,
    poolSize,
    times: timesOf(config),
    onWait: (what) => log.info(WAITS_FOR[what]),
    onLeaseLost: (institution) =>
      endNow(
        new DomainError('LEASE_LOST', { institution }),
        'another process uses the database',
        EXIT.stopped,
      ),
  });
}

function timesOf(config: Config): DatabaseTimes {
  return {
    connectMs: config.databaseConnectMilliseconds,
    statementMs: config.databaseStatementMilliseconds,
    lockMs: config.databaseLockMilliseconds,
    idleMs: config.databaseIdleMilliseconds,
    retryMs: config.databaseRetryMilliseconds,
  };
}
