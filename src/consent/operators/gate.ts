import type { Clock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import type { OperatorKey } from '../../core/operator/key.js';
import { mayDo, type OperationName } from '../../core/operator/operations.js';
import type { OperatorRole } from '../../core/operator/roles.js';
import {
  type OperatorToken,
  roleBeyondKey,
  verifyOperatorToken,
} from '../../core/operator/token.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import type { OperatorOutcome } from '../tables/table-operator.js';
import { isRevoked } from './revoke.js';
import { recordUse } from './use-log.js';

export interface OperatorGateOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** The settings' keys, by their id. */
  readonly keys: ReadonlyMap<string, OperatorKey>;
  /** operatorAudience of this node now: its endpoint may change. */
  readonly audience: () => string;
}

/** A request of an operator, as it came. */
export interface OperatorRequest {
  readonly token: string;
  readonly operation: OperationName;
  readonly requestId: string;
  /** The id of what it is about, where there are several: the log has it. */
  readonly about?: string | undefined;
  /**
   * Called with the key's id once the signature holds and before anything is written.
   *
   * @throws to refuse: a key that asks too often.
   */
  readonly countKey?: (key: string) => Promise<void>;
}

/** Somebody who may do what was asked. */
export interface Operator {
  /** Thumbprint of the key. */
  readonly key: string;
  readonly roles: readonly OperatorRole[];
  /** The end of the token, Unix seconds. */
  readonly expSeconds: number;
  /** The row of the audit log that says so: what is done can name it. */
  readonly useId: number;
  /** As the request had it. */
  readonly about: string | undefined;
}

export type OperatorGate = (request: OperatorRequest) => Promise<Operator>;

/**
 * Makes the one way in for operators: it verifies the token, looks whether it was revoked and whether its roles
 * allow the operation, and writes the use into the audit log before anything is done.
 *
 * A token may be used more than once until it ends, as an import of many files does: each use is a row with the
 * token's jti. Nothing is remembered in memory, so that a restart changes nothing.
 *
 * It reads no proof and mints no permit: no row of a participant can be opened through it.
 *
 * @returns a function that throws DomainError OPERATOR_TOKEN_INVALID {claim}, OPERATOR_TOKEN_REVOKED,
 * OPERATOR_REFUSED {key | role | operation}, DATABASE_*; and what `countKey` throws.
 */
export function createOperatorGate(options: OperatorGateOptions): OperatorGate {
  const { db, clock, keys, audience } = options;
  return async ({ token, operation, requestId, about, countKey }) => {
    const rule = { keys, audience: audience(), nowMs: clock.nowMs() };
    const verified = await verifyOperatorToken(token, rule);
    const { key, jti, roles, expSeconds } = verified;
    await countKey?.(key.id);
    const at = clock.nowSeconds();
    const { useId, refusal } = await db.transaction(async (tx) => {
      const found = await refusalOf(tx, verified, operation);
      const outcome = (found?.code ?? 'ALLOWED') as OperatorOutcome;
      const use = { at, key: key.id, jti, operation, requestId, about: about ?? null, outcome };
      return { useId: await recordUse(tx, use), refusal: found };
    });
    // Only now: a throw inside would take the row back.
    if (refusal !== undefined) throw refusal;
    return { key: key.id, roles, expSeconds, useId, about };
  };
}

async function refusalOf(
  tx: SqlTransaction,
  token: OperatorToken,
  operation: OperationName,
): Promise<DomainError | undefined> {
  if (await isRevoked(tx, { key: token.key.id, jti: token.jti })) {
    return new DomainError('OPERATOR_TOKEN_REVOKED');
  }
  const beyond = roleBeyondKey(token);
  if (beyond !== undefined) return new DomainError('OPERATOR_REFUSED', { role: beyond });
  if (!mayDo(operation, token.roles)) return new DomainError('OPERATOR_REFUSED', { operation });
  return undefined;
}
