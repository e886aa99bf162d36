import { setTimeout as delay } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PoolClient } from 'pg';
import { codeOf, DomainError } from '../../core/errors.js';
import type { SqlTransaction, StatementListener, TransactionMode } from '../database.js';
import type { DatabaseTimes } from '../database-times.js';
import { isPassing, withoutStatement } from '../failure.js';
import type { Connection } from './connection.js';
import type { ConnectionPool } from './pool.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 400;

/** What a transaction begins with, and what has to hold before and after that message. */
export interface Opening {
  /** Everything in one message: each is a round trip to the server. */
  readonly statements: string;
  /** @throws DomainError if nothing may be asked now. */
  requireReady(): void;
  /** @param results - of the statements, one each. @throws DomainError if the work must not begin. */
  requireOpened(results: readonly unknown[]): void;
}

/** How far a transaction came, which says whether it may be begun once more. */
interface Progress {
  begun: boolean;
}

/**
 * Runs a transaction, and once more if the server went away where that is safe: a read always, a
 * write only before it had begun. A COMMIT that got no answer may stand: it is never repeated.
 *
 * @throws DomainError DATABASE_UNAVAILABLE, with `committed` unknown if the answer to COMMIT is missing.
 */
export async function runTransaction<T>(
  pool: ConnectionPool,
  setting: {
    readonly opening: Opening;
    readonly mode: TransactionMode;
    readonly times: DatabaseTimes;
    readonly onStatement?: StatementListener | undefined;
  },
  work: (tx: SqlTransaction) => Promise<T>,
): Promise<T> {
  const { opening, mode, times, onStatement } = setting;
  const logging = onStatement ? { logger: { logQuery: (text: string) => onStatement(text) } } : {};
  return repeatWhileAway(pool, times, mode === 'read', async (progress) => {
    opening.requireReady();
    const connection = await pool.connect();
    let isUsable = false;
    try {
      opening.requireOpened((await connection.query(opening.statements)) as readonly unknown[]);
      progress.begun = true;
      const result = await work(asDrizzle(connection, logging));
      await commit(connection);
      isUsable = true;
      return result;
    } catch (thrown) {
      isUsable = await rollBack(connection);
      throw withoutStatement(thrown, 'postgres');
    } finally {
      connection.release(isUsable);
    }
  });
}

/** The same for one statement without parameters, in one message. @returns its result. */
export function readAtOnce(
  pool: ConnectionPool,
  setting: { readonly opening: Opening; readonly times: DatabaseTimes },
  statement: string,
): Promise<unknown> {
  const { opening, times } = setting;
  return repeatWhileAway(pool, times, true, async () => {
    opening.requireReady();
    const connection = await pool.connect();
    let isUsable = false;
    try {
      const message = `${opening.statements}; ${statement}; COMMIT`;
      const results = (await connection.query(message)) as readonly unknown[];
      isUsable = true;
      return results.at(-2);
    } finally {
      // Ended before its COMMIT, the transaction is still open: nobody else may have this connection.
      connection.release(isUsable);
    }
  });
}

async function repeatWhileAway<T>(
  pool: ConnectionPool,
  { retryMs }: DatabaseTimes,
  isRead: boolean,
  attempt: (progress: Progress) => Promise<T>,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const progress: Progress = { begun: false };
    try {
      const result = await attempt(progress);
      pool.noteAnswered();
      return result;
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
      const isSafe = isRead || !progress.begun;
      const isOver = pool.isEnding || pool.awayMs() + pauseMs > retryMs;
      if (!isSafe || isOver) throw thrown;
    }
    await delay(pauseMs);
  }
}

async function commit(connection: Connection): Promise<void> {
  let answer: unknown;
  try {
    answer = await connection.query('COMMIT');
  } catch (thrown) {
    // An answer with a reason is an answer: it was rolled back.
    if (!connection.isLost) throw thrown;
    throw new DomainError(codeOf(thrown), { engine: 'postgres', committed: 'unknown' });
  }
  // After a statement that failed unnoticed, the server answers a COMMIT by rolling back.
  const { command } = answer as { readonly command: string };
  if (command !== 'COMMIT') throw new DomainError('DATABASE_FAILED', { engine: 'postgres' });
}

/** @returns whether the connection can be lent again. */
async function rollBack(connection: Connection): Promise<boolean> {
  if (connection.isLost) return false;
  return connection.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

/** Drizzle wants a client for its queries alone. */
function asDrizzle(connection: Connection, logging: object): SqlTransaction {
  const client = { query: connection.query } as unknown as PoolClient;
  return drizzle(client, logging) as unknown as SqlTransaction;
}
