import { DomainError } from '../../core/errors.js';
import type { Feed } from './feed.js';
import type { FeedTip } from './store.js';

/**
 * Requires that this database has what this process knows to be committed of its own feed.
 *
 * @param known - what was known before the tip was read.
 * @throws DomainError RESTORED_OLD
 */
export function requireReached({ institution }: Feed, tip: FeedTip, known: FeedTip): void {
  const isSame = tip.seq > known.seq || (tip.seq === known.seq && tip.head === known.head);
  if (isSame) return;
  throw new DomainError('RESTORED_OLD', { institution, entries: tip.seq, known: known.seq });
}
