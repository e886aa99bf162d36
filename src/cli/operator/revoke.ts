import { type Revoked, requireRevocable, revokeOperator } from '../../consent/operators/revoke.js';
import { lastUses } from '../../consent/operators/use-log.js';
import { systemClock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { readOperatorKeys } from '../../core/operator/key.js';
import type { SqlTransaction } from '../../store/database.js';
import { withDatabaseBesideNode } from '../state/own-database.js';
import type { CommonOptions } from '../state/settings.js';

export type OperatorRevokeOptions = CommonOptions & {
  readonly institution: string;
  readonly key?: string;
  readonly token?: string;
};

/**
 * `assent operator revoke`: a running node refuses the key or token from the next request on, and
 * after each restart.
 *
 * @throws DomainError BAD_INPUT unless exactly one of key and token is named; for a malformed one;
 *   and for a key that is neither in the settings nor was ever used, because it is probably
 *   misspelt. ALREADY_RUNNING.
 */
export async function runOperatorRevoke(options: OperatorRevokeOptions): Promise<void> {
  const revoked = namedBy(options);
  requireRevocable(revoked);
  await withDatabaseBesideNode(options, async ({ db, config: { operatorKeys } }) => {
    await db.transaction(async (tx) => {
      await revokeOperator(tx, revoked, systemClock.nowSeconds());
      if (revoked.kind === 'KEY') await requireKnown(tx, revoked.name, operatorKeys);
    });
  });
  process.stdout.write(`revoked ${revoked.kind} ${revoked.name}\n`);
}

function namedBy({ key, token }: OperatorRevokeOptions): Revoked {
  if (key !== undefined && token === undefined) return { kind: 'KEY', name: key };
  if (key === undefined && token !== undefined) return { kind: 'TOKEN', name: token };
  throw new DomainError('BAD_INPUT', { expected: 'either --key or --token' });
}

async function requireKnown(
  tx: SqlTransaction,
  id: string,
  operatorKeys: string | undefined,
): Promise<void> {
  if ((await lastUses(tx)).has(id)) return;
  if (operatorKeys !== undefined && (await readOperatorKeys(operatorKeys)).has(id)) return;
  throw new DomainError('BAD_INPUT', { key: 'neither in the settings nor ever used' });
}
