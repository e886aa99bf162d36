import type { DatabaseServer, StatementListener } from './database.js';
import { optionsOf, schemaOf, type TransactionMode } from './database.js';
import { type DatabaseTimes, timeLimits, USUAL_TIMES } from './database-times.js';
import { migrateAlone } from './postgres/migrate.js';
import { ConnectionPool } from './postgres/pool.js';
import { type Opening, readAtOnce, runTransaction } from './postgres/transaction.js';

export interface PostgresOptions {
  readonly url: string;
  /** Connections at most; the server's own limit is shared by all nodes on it. */
  readonly poolSize?: number;
  readonly times?: Partial<DatabaseTimes>;
  readonly onStatement?: StatementListener;
  /** Heard once while another process migrates a schema that this one wants to open. */
  readonly onWait?: () => void;
}

/**
 * Connects to a PostgreSQL server (15 or newer) by URL, with a pool; a pooler (PgBouncer) that lends
 * sessions by the transaction may stand between.
 *
 * @throws DomainError DATABASE_UNAVAILABLE if the server cannot be reached, now or at any later call.
 */
export async function openPostgres(options: PostgresOptions): Promise<DatabaseServer> {
  const { url, poolSize: size = 10, onStatement, onWait = () => undefined } = options;
  const times = { ...USUAL_TIMES, ...options.times };
  const pool = new ConnectionPool({ url, size, times });
  const ping = async () =>
    void (await readAtOnce(pool, { opening: plain('read'), times }, 'SELECT 1'));
  const migrate = (schema: string) => {
    const setting = { opening: plain('write'), mode: 'write', times } as const;
    return migrateAlone((work) => runTransaction(pool, setting, work), schema, onWait);
  };

  function plain(mode: TransactionMode, schema?: string): Opening {
    const begin = `BEGIN; ${optionsOf(schema, mode)}; ${timeLimits(times)}`;
    return { statements: begin, requireReady: () => undefined, requireOpened: () => undefined };
  }

  try {
    await ping();
  } catch (unreachable) {
    await pool.end();
    throw unreachable;
  }
  return {
    engine: 'postgres',
    async open(institution) {
      const schema = schemaOf(institution);
      await migrate(schema);
      const openings = { read: plain('read', schema), write: plain('write', schema) };
      return {
        engine: 'postgres',
        schema,
        transaction(work, mode = 'write') {
          const opening = openings[mode];
          return runTransaction(pool, { opening, mode, times, onStatement }, work);
        },
        read(statement) {
          onStatement?.(statement);
          return readAtOnce(pool, { opening: openings.read, times }, statement);
        },
      };
    },
    ping,
    hurry: (ms) => pool.hurry(ms),
    close: () => pool.end(),
  };
}
