import { DrizzleQueryError } from 'drizzle-orm/errors';
import type { ErrorCode } from '../core/error-codes.js';
import { DomainError } from '../core/errors.js';

export type Engine = 'pglite' | 'postgres';

/** Classes and codes of SQL states: the server is away, full, or takes no connection. */
const AWAY = /^(08|28|3D|53|58|57P0)/;
/** Cancelled for a time limit, a lock that was not had in time, a deadlock or a conflict. */
const BUSY = /^(57014|55P03|25P03|25P04|40001|40P01)$/;
/** Who may not connect may not connect a moment later either. */
const REFUSED = /^(28|3D)/;

const SQL_STATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** What the drivers say without an SQL state: when their own time is over ... */
const DRIVER_TIMEOUT = /^(Query read timeout|timeout exceeded when trying to connect)$/;
/** ... and when there is nobody to ask. */
const DRIVER_AWAY =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|PGlite is clos)/;
const SYSTEM_CODE = /^E[A-Z0-9_]+$/;

/**
 * What is told of an error of a database driver: its SQL state. The error itself ends here, because
 * its message, detail and parameters hold rows.
 *
 * @returns DATABASE_UNAVAILABLE, DATABASE_BUSY, or DATABASE_FAILED for a statement that was refused.
 */
export function failureOf(thrown: unknown, engine: Engine): DomainError {
  if (thrown instanceof DomainError) return thrown;
  const sqlState = sqlStateIn(thrown);
  if (sqlState === undefined) return new DomainError(silentCode(thrown), { engine });
  const facts = { engine, sqlState };
  if (AWAY.test(sqlState)) return new DomainError('DATABASE_UNAVAILABLE', facts);
  return new DomainError(BUSY.test(sqlState) ? 'DATABASE_BUSY' : 'DATABASE_FAILED', facts);
}

function silentCode(thrown: unknown): ErrorCode {
  if (!(thrown instanceof Error)) return 'DATABASE_FAILED';
  if (DRIVER_TIMEOUT.test(thrown.message)) return 'DATABASE_BUSY';
  const { code } = thrown as { readonly code?: unknown };
  const isAway = DRIVER_AWAY.test(thrown.message) || SYSTEM_CODE.test(String(code ?? ''));
  return isAway ? 'DATABASE_UNAVAILABLE' : 'DATABASE_FAILED';
}

/** Whether the same may succeed a moment later: the server restarts, or another takes its place. */
export function isPassing(failure: unknown): boolean {
  if (!(failure instanceof DomainError) || failure.code !== 'DATABASE_UNAVAILABLE') return false;
  return !REFUSED.test(String(failure.facts.sqlState ?? ''));
}

/**
 * What a transaction's work threw, without what drizzle adds: the statement and its parameters. An
 * error that was made from such a one loses it as its cause.
 */
export function withoutStatement(thrown: unknown, engine: Engine): unknown {
  if (thrown instanceof DrizzleQueryError) return failureOf(thrown.cause, engine);
  if (thrown instanceof DomainError && carriesStatement(thrown.cause)) {
    return new DomainError(thrown.code, thrown.facts);
  }
  return isOfDriver(thrown) ? failureOf(thrown, engine) : thrown;
}

function carriesStatement(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return cause instanceof DrizzleQueryError || isOfDriver(cause) || carriesStatement(cause.cause);
}

/** Both drivers' errors of the server carry its fields. */
function isOfDriver(thrown: unknown): boolean {
  return thrown instanceof Error && 'severity' in thrown && sqlStateIn(thrown) !== undefined;
}

function sqlStateIn(thrown: unknown): string | undefined {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && SQL_STATE.test(code) ? code : undefined;
}
