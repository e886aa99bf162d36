import { requireStillWhole } from '../../consent/anchoring/restored.js';
import type { Feed } from '../../consent/feed/feed.js';
import { DomainError } from '../../core/errors.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';

/**
 * Looks at each new block whether the database still has what its institution anchored, and the feed that this process
 * knows. A look at the start alone would miss an anchor that no block held yet, and a database that is replaced later.
 *
 * @param end - called once, with RESTORED_OLD.
 * @returns looks now, before an anchor: a chain may stand still until there is one.
 * @throws by what is returned: DomainError RESTORED_OLD, DATABASE_*, and what the ledger watch throws.
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
      // A database or a ledger that is away is told by readiness; the next block looks again.
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
