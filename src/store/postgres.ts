import {
  type Database,
  type DatabaseServer,
  optionsOf,
  type StatementListener,
  schemaOf,
  type TransactionMode,
} from './database.js';
import { type DatabaseTimes, DEFAULT_TIMES, timeLimits } from './database-times.js';
import { Lease } from './postgres/lease.js';
import { migrateAlone } from './postgres/migrate.js';
import { ConnectionPool } from './postgres/pool.js';
import { type Opening, readAtOnce, runTransaction } from './postgres/transaction.js';

export interface PostgresOptions {
  readonly url: string;
  /**
   * The most connections, not counting one that renews leases; all nodes share the server's own
   * limit.
   */
  readonly poolSize?: number;
  readonly times?: Partial<DatabaseTimes>;
  readonly onStatement?: StatementListener;
  /** Heard once for what another process does first, or still has. */
  readonly onWait?: (what: 'migration' | 'lease') => void;
  /** Another process works in the schema of that institution now: this one must end at once. */
  readonly onLeaseLost?: (institution: string) => void;
}

/** Of the transactions that take and renew a lease: later than this they would be too late. */
const LEASE_TIMES: DatabaseTimes = {
  connectMs: 2_000,
  statementMs: 2_000,
  lockMs: 1_000,
  idleMs: 5_000,
  retryMs: 0,
};

/**
 * Connects to a PostgreSQL server (15 or newer) by URL, with a pool; a pooler (PgBouncer) that lends
 * sessions by the transaction may stand between.
 *
 * @throws DomainError DATABASE_UNAVAILABLE if the server cannot be reached, now or at any later call.
 */
export async function openPostgres(options: PostgresOptions): Promise<DatabaseServer> {
  const { url, poolSize: size = 10, onStatement, onWait = () => undefined } = options;
  const times = { ...DEFAULT_TIMES, ...options.times };
  const pool = new ConnectionPool({ url, size, times });
  const leasePool = new ConnectionPool({ url, size: 1, times: LEASE_TIMES });
  const leases = new Set<Lease>();
  const ping = async () =>
    void (await readAtOnce(
      pool,
      { opening: openingOf({ mode: 'read', times }), times },
      'SELECT 1',
    ));

  async function takeLease(institution: string): Promise<Lease> {
    const schema = schemaOf(institution);
    const opening = openingOf({ mode: 'write', times: LEASE_TIMES, schema });
    const setting = { opening, mode: 'write', times: LEASE_TIMES } as const;
    const lease = await Lease.take({
      schema,
      transact: (work) => runTransaction(leasePool, setting, work),
      onWait: () => onWait('lease'),
      onLost: () => options.onLeaseLost?.(institution),
    });
    leases.add(lease);
    return lease;
  }

  async function close(): Promise<void> {
    await pool.end();
    await Promise.all([...leases].map((lease) => lease.release()));
    await leasePool.end();
  }

  try {
    await ping();
  } catch (unreachable) {
    await close();
    throw unreachable;
  }
  return {
    engine: 'postgres',
    async open(institution, { alone = false } = {}) {
      const schema = schemaOf(institution);
      const opening = openingOf({ mode: 'write', times });
      await migrateAlone(
        (work) => runTransaction(pool, { opening, mode: 'write', times }, work),
        schema,
        () => onWait('migration'),
      );
      const lease = alone ? await takeLease(institution) : undefined;
      return openSchema({ pool, schema, times, onStatement, lease });
    },
    ping,
    hurry(ms) {
      pool.hurry(ms);
      leasePool.hurry(ms);
    },
    close,
  };
}

function openSchema(setting: {
  readonly pool: ConnectionPool;
  readonly schema: string;
  readonly times: DatabaseTimes;
  readonly onStatement: StatementListener | undefined;
  readonly lease: Lease | undefined;
}): Database {
  const { pool, schema, times, onStatement, lease } = setting;
  const openings = {
    read: openingOf({ mode: 'read', times, schema, lease }),
    write: openingOf({ mode: 'write', times, schema, lease }),
  };
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
}

function openingOf(of: {
  readonly mode: TransactionMode;
  readonly times: DatabaseTimes;
  readonly schema?: string;
  readonly lease?: Lease | undefined;
}): Opening {
  const { mode, times, schema, lease } = of;
  const begin = `BEGIN; ${optionsOf(schema, mode)}; ${timeLimits(times)}`;
  const requireReady = () => lease?.requireHeld();
  if (lease === undefined || mode === 'read') {
    return { statements: begin, requireReady, requireOpened: () => undefined };
  }
  return {
    statements: `${begin}; ${lease.fence}`,
    requireReady,
    requireOpened: (results) => lease.requireOwn(results.at(-1)),
  };
}
