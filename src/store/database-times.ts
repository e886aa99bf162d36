/** How long the database may take for what. Milliseconds; 0 is never a limit. */
export interface DatabaseTimes {
  /** To connect, and to wait for a connection that others use. */
  readonly connectMs: number;
  /** For a statement. The server ends it; a second later this process gives it up by itself. */
  readonly statementMs: number;
  /** For a lock that another transaction holds. */
  readonly lockMs: number;
  /** Between two statements of a transaction: a process that hangs keeps its locks no longer. */
  readonly idleMs: number;
  /** How long into an outage what is safe to repeat is tried again. */
  readonly retryMs: number;
}

/** What the settings are unless they say otherwise. */
export const DEFAULT_TIMES: DatabaseTimes = {
  connectMs: 5_000,
  statementMs: 20_000,
  lockMs: 10_000,
  idleMs: 20_000,
  retryMs: 5_000,
};

/**
 * As settings of one transaction. Never of a session or of a connection's start: behind a pooler
 * that lends sessions for a transaction, the next borrower may be somebody else.
 */
export function timeLimits({ statementMs, lockMs, idleMs }: DatabaseTimes): string {
  return (
    `SET LOCAL statement_timeout TO ${statementMs}; SET LOCAL lock_timeout TO ${lockMs}; ` +
    `SET LOCAL idle_in_transaction_session_timeout TO ${idleMs}`
  );
}
