import { and, eq, or } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { KEY_ID_FORM } from '../../core/operator/key.js';
import { NONCE_FORM } from '../../core/signed/nonce.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { operatorRevocation } from '../tables/table-operator.js';

/** What is revoked: a key with all of its tokens, or one token. */
export interface Revoked {
  readonly kind: 'KEY' | 'TOKEN';
  /** A key's id, or a token's jti. */
  readonly name: string;
}

/** A revocation, and since when. */
export interface Revocation extends Revoked {
  readonly at: Seconds;
}

const FORM_OF = { KEY: KEY_ID_FORM, TOKEN: NONCE_FORM } as const;

/** @throws DomainError BAD_INPUT for what is no thumbprint of a key, or no jti. */
export function requireRevocable({ kind, name }: Revoked): void {
  if (FORM_OF[kind].test(name)) return;
  throw new DomainError('BAD_INPUT', { [kind.toLowerCase()]: 'malformed' });
}

/**
 * Revokes a key or a token for good. The next request that is begun hears of it; the same again changes nothing.
 *
 * @throws DomainError BAD_INPUT, as requireRevocable does.
 */
export async function revokeOperator(
  tx: SqlTransaction,
  { kind, name }: Revoked,
  at: Seconds,
): Promise<void> {
  requireRevocable({ kind, name });
  await tx.insert(operatorRevocation).values({ kind, name, at }).onConflictDoNothing();
}

/** Whether a token, or the key that signed it, is taken no more. */
export async function isRevoked(
  tx: SqlTransaction,
  { key, jti }: { readonly key: string; readonly jti: string },
): Promise<boolean> {
  const { kind, name } = operatorRevocation;
  const ofKey = and(eq(kind, 'KEY'), eq(name, key));
  const ofToken = and(eq(kind, 'TOKEN'), eq(name, jti));
  const found = await tx.select({ name }).from(operatorRevocation).where(or(ofKey, ofToken));
  return found.length > 0;
}

/** All that is revoked, in the order of time. */
export async function revocations(tx: SqlTransaction): Promise<readonly Revocation[]> {
  const { at, kind, name } = operatorRevocation;
  return tx.select().from(operatorRevocation).orderBy(at, kind, name);
}
