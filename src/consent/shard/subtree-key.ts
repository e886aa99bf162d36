import { timingSafeEqual } from 'node:crypto';
import { keyedId } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { SUBTREE_LEAVES } from './subtree.js';

const TAG = 'assent/subtree';

/**
 * The key that opens the paths around a leaf. It is the same for all 1,024 leaves of a subtree, so
 * that showing it tells no more of the leaf than the subtree's number does.
 *
 * @param pathKey - 32 secret bytes of this node that are not in its database.
 * @param index - of the leaf in its shard.
 */
export function subtreeKeyAt(pathKey: Uint8Array, index: number): string {
  return keyFor(pathKey, String(Math.floor(index / SUBTREE_LEAVES)));
}

/**
 * Requires the key of that subtree. It is asked for before the number is looked at, so that the answer
 * without a key is the same for every number.
 *
 * @param number - as it stands in the request.
 * @throws DomainError SUBTREE_KEY_REQUIRED
 */
export function requireSubtreeKey(pathKey: Uint8Array, number: string, shown: unknown): void {
  const expected = Buffer.from(keyFor(pathKey, number));
  const given = Buffer.from(typeof shown === 'string' ? shown : '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new DomainError('SUBTREE_KEY_REQUIRED');
  }
}

function keyFor(pathKey: Uint8Array, number: string): string {
  return keyedId(pathKey, TAG, number);
}
