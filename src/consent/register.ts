import { max } from 'drizzle-orm';
import { DomainError } from '../core/errors.js';
import type { SqlTransaction } from '../store/database.js';
import { SHARD_LEVELS } from '../zk/tree.js';
import { lockAgainstWriters } from './register-context.js';
import { type LeafKind, registerLeaf } from './table-register.js';

/** The place of the pad leaf, which each anchor sets to fresh random bytes. */
export const PAD_INDEX = 0;

/**
 * Appends a leaf to this institution's shard; it is under a root from the next anchor on. Places are
 * never used twice: a path kept by a wallet must not come to mean another leaf.
 *
 * @returns its index, from 1.
 * @throws DomainError SHARD_FULL
 */
export async function appendLeaf(
  tx: SqlTransaction,
  leaf: bigint,
  kind: LeafKind,
): Promise<number> {
  await lockAgainstWriters(tx, registerLeaf);
  const [last] = await tx.select({ index: max(registerLeaf.index) }).from(registerLeaf);
  const index = (last?.index ?? PAD_INDEX) + 1;
  if (index >= 2 ** SHARD_LEVELS) throw new DomainError('SHARD_FULL', { leaves: index });
  await tx.insert(registerLeaf).values({ index, leaf: String(leaf), kind, pending: true });
  return index;
}
