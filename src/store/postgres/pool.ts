import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '../../core/errors.js';
import type { DatabaseTimes } from '../database-times.js';
import { failureOf } from '../failure.js';
import { Connection, cut } from './connection.js';

/** The server ends a statement first, and says so; this is for a server that says nothing. */
const LATER_THAN_SERVER_MS = 1_000;

/** How long a goodbye may take when the pool ends. */
const END_MS = 1_000;

const END_POLL_MS = 5;

const HURRY_EVERY_MS = 200;

/** The connections of this process to one server. */
export class ConnectionPool {
  readonly #pool: pg.Pool;
  /** Every client, and since when it waits for the server; undefined while it does not. */
  readonly #waiting = new Map<pg.ClientBase, number | undefined>();
  #hurry: NodeJS.Timeout | undefined;
  #isEnding = false;
  #awaySince: number | undefined;

  constructor(options: {
    readonly url: string;
    readonly size: number;
    readonly times: DatabaseTimes;
  }) {
    const { url, size, times } = options;
    this.#pool = new pg.Pool({
      Client: noting(this.#waiting),
      connectionString: url,
      max: size,
      connectionTimeoutMillis: times.connectMs,
      query_timeout: times.statementMs === 0 ? 0 : times.statementMs + LATER_THAN_SERVER_MS,
      keepAlive: true,
    });
    // An idle connection that the server drops must not end the process; the next query reconnects.
    this.#pool.on('error', () => undefined);
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  /**
   * How long the server has been away, for a caller that cannot reach it. Measured from the start
   * of the outage, not of a question: in a long outage, the first questions wait for it to pass and
   * later ones fail at once.
   */
  awayMs(): number {
    this.#awaySince ??= performance.now();
    return performance.now() - this.#awaySince;
  }

  noteAnswered(): void {
    this.#awaySince = undefined;
  }

  /** @throws DomainError DATABASE_UNAVAILABLE, or DATABASE_BUSY if all connections are in use. */
  async connect(): Promise<Connection> {
    if (this.#isEnding) throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'postgres' });
    try {
      const client = await this.#pool.connect();
      return new Connection(client, (since) => {
        if (this.#waiting.has(client)) this.#waiting.set(client, since);
      });
    } catch (cause) {
      throw unreachable(cause);
    }
  }

  /** From then on nothing waits longer for the server. */
  hurry(ms: number): void {
    const fromMs = performance.now();
    this.#hurry ??= setInterval(() => {
      const latest = performance.now() - ms;
      for (const [client, since] of this.#waiting) {
        if (since !== undefined && Math.max(since, fromMs) < latest) cut(client);
      }
    }, HURRY_EVERY_MS).unref();
  }

  /** Ends every connection: those in use when their transaction is over, or soon. */
  async end(): Promise<void> {
    if (this.#pool.ending) return;
    const ended = this.#pool.end();
    this.#isEnding = true;
    // The pool does not wait until its clients are gone, and a socket that is left keeps the process.
    const untilMs = performance.now() + END_MS;
    while (this.#waiting.size > 0 && performance.now() < untilMs) await delay(END_POLL_MS);
    for (const client of this.#waiting.keys()) cut(client);
    await ended;
    clearInterval(this.#hurry);
  }
}

/** Clients that are known from their beginning: a server that hangs lets none finish connecting. */
function noting(waiting: Map<pg.ClientBase, number | undefined>): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      waiting.set(this, performance.now());
      // The pool has no listener while it hands a client over, and an error may come just then.
      this.on('error', () => undefined);
      this.once('connect', () => waiting.set(this, undefined));
      this.once('end', () => waiting.delete(this));
    }
  };
}

function unreachable(cause: unknown): DomainError {
  const failure = failureOf(cause, 'postgres');
  const isOurs = failure.code === 'DATABASE_FAILED';
  return isOurs ? new DomainError('DATABASE_UNAVAILABLE', failure.facts) : failure;
}
