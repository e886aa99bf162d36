import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { type Release, recordDisclosures } from './disclosure.js';

/** Records what is about to leave this node. Whoever awaits it may answer: it is committed. */
export type LogReleases = (releases: readonly Release[]) => Promise<void>;

interface Waiting {
  readonly releases: readonly Release[];
  readonly settle: (failure?: Error) => void;
}

/** Releases that go into one transaction at most. */
const RELEASES_PER_COMMIT = 10_000;

/**
 * Makes the log of one database. What waits while a transaction is committed goes into the next one
 * together: a commit waits for the disk, and a question of four classes need not wait four times.
 * If a commit fails, nobody who is in it may answer.
 */
export function createReleaseLog(db: Database): LogReleases {
  const waiting: Waiting[] = [];
  let isWriting = false;

  function takeSome(): readonly Waiting[] {
    let count = 0;
    const end = waiting.findIndex(({ releases }) => {
      count += releases.length;
      return count > RELEASES_PER_COMMIT;
    });
    return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
  }

  async function writeWaiting(): Promise<void> {
    for (let some = takeSome(); some.length > 0; some = takeSome()) {
      const releases = some.flatMap((one) => one.releases);
      const failure = await db
        .transaction((tx) => recordDisclosures(tx, releases))
        .then(
          () => undefined,
          (thrown: unknown) =>
            thrown instanceof Error ? thrown : new DomainError('INTERNAL', {}, thrown),
        );
      for (const { settle } of some) settle(failure);
    }
    isWriting = false;
  }

  return (releases) => {
    if (releases.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      waiting.push({ releases, settle: (failure) => (failure ? reject(failure) : resolve()) });
      if (isWriting) return;
      isWriting = true;
      // A turn later, so that the other classes of the same question are in it too.
      setImmediate(() => void writeWaiting());
    });
  };
}
