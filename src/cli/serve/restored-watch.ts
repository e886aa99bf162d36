import { requireStillWhole } from '../../consent/anchoring/restored.js';
import type { Feed } from '../../consent/feed/feed.js';
import { DomainError } from '../../core/errors.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';

/**
 * Checks at each new block that the database still has what its institution anchored, and the feed
 * that this process knows. A check only at the start would miss an anchor that was in no block yet,
 * and a database that is replaced later.
 *
 * @param end - called once, with RESTORED_OLD.
 * @returns a check to call before an anchor, because a chain may have no new block until there is
 *   one.
 * @throws from the returned check: DomainError RESTORED_OLD, DATABASE_*, and what the ledger watch
 *   throws.
 */
export function watchForRestore(
  watch: LedgerWatch,
  feed: Feed,
  end: (thrown: DomainError) => void = () => undefined,
): () => Promise<void> {
  let hasEnded = false;
  const look = async () => {
    try {
      await feed.db.transaction((tx) => requireStillWhole(tx, feed), 'read');
    } catch (thrown) {
      if (thrown instanceof DomainError && thrown.code === 'RESTORED_OLD' && !hasEnded) {
        hasEnded = true;
        end(thrown);
      }
      throw thrown;
    }
  };
  let isDue = false;
  let isBusy = false;
  const lookWhileDue = async () => {
    isBusy = true;
    while (isDue) {
      isDue = false;
      // Readiness reports an unavailable database or ledger; the next block checks again.
      await look().catch(() => undefined);
    }
    isBusy = false;
  };
  watch.onHead(() => {
    isDue = true;
    if (!isBusy) void lookWhileDue();
  });
  return look;
}
