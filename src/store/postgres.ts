import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { DomainError } from '../core/errors.js';
import {
  type Database,
  type DatabaseServer,
  optionsOf,
  rowsOf,
  type SqlTransaction,
  type StatementListener,
  schemaOf,
  type TransactionMode,
} from './database.js';
import {
  appliedMigrations,
  MIGRATIONS_FOLDER,
  MIGRATIONS_TABLE,
  requireOwnMigrations,
} from './migrations.js';

/** Held while a schema is migrated, so that two nodes starting at once do not both create it. */
const MIGRATION_LOCK = 0x61737374;

/**
 * Connects to a PostgreSQL server (15 or newer) by URL, with a pool.
 *
 * @throws DomainError DATABASE_UNAVAILABLE if the server cannot be reached, now or at any later call.
 */
export async function openPostgres(options: {
  readonly url: string;
  /** Connections at most; the server's own limit is shared by all nodes on it. */
  readonly poolSize?: number;
  readonly onStatement?: StatementListener;
}): Promise<DatabaseServer> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection that the server drops must not end the process; the next query reconnects.
  pool.on('error', () => undefined);

  async function ping(): Promise<void> {
    try {
      await pool.query('SELECT 1');
    } catch (cause) {
      throw unavailable(cause);
    }
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
      await migrateSchema(pool, schema);
      return openSchema(pool, schema, options.onStatement);
    },
    ping,
    close: () => pool.end(),
  };
}

async function migrateSchema(pool: pg.Pool, schema: string): Promise<void> {
  const client = await connect(pool);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await client.query(`SET search_path TO "${schema}"`);
    const db = drizzle(client);
    await migrate(db, {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsSchema: schema,
      migrationsTable: MIGRATIONS_TABLE,
    });
    requireOwnMigrations(rowsOf(await db.execute(appliedMigrations(schema))));
  } finally {
    // Closed rather than returned: neither the lock nor the search path may outlive this.
    client.release(true);
  }
}

function openSchema(
  pool: pg.Pool,
  schema: string,
  onStatement: StatementListener | undefined,
): Database {
  const logging = onStatement
    ? { logger: { logQuery: (query: string) => onStatement(query) } }
    : {};
  return {
    engine: 'postgres',
    schema,
    async transaction(work, mode = 'write') {
      const client = await connect(pool);
      return inTransaction(client, beginning(schema, mode), () =>
        work(drizzle(client, logging) as unknown as SqlTransaction),
      );
    },
    async read(statement) {
      onStatement?.(statement);
      const client = await connect(pool);
      return readAtOnce(client, `${beginning(schema, 'read')}; ${statement}; COMMIT`);
    },
  };
}

/** All that opens a transaction in one message: each is a round trip to the server. */
function beginning(schema: string, mode: TransactionMode): string {
  return `BEGIN; ${optionsOf(schema, mode)}`;
}

/** @returns the result of the statement before the last one. */
async function readAtOnce(client: pg.PoolClient, statements: string): Promise<unknown> {
  let isWhole = false;
  try {
    const results = (await client.query(statements)) as unknown as readonly unknown[];
    isWhole = true;
    return results.at(-2);
  } finally {
    // Ended before its COMMIT, the transaction is still open: nobody else may have this connection.
    client.release(!isWhole);
  }
}

async function inTransaction<T>(
  client: pg.PoolClient,
  begin: string,
  work: () => Promise<T>,
): Promise<T> {
  let isBroken = false;
  try {
    await client.query(begin);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (thrown) {
    // A connection that cannot even be rolled back must not meet the next borrower.
    await client.query('ROLLBACK').catch(() => {
      isBroken = true;
    });
    throw thrown;
  } finally {
    client.release(isBroken);
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('DATABASE_UNAVAILABLE', { engine: 'postgres' }, cause);
}
