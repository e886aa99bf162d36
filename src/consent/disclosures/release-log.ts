import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { type Release, recordDisclosures } from './disclosure.js';

/** Records what is about to leave this node. Await it before answering: then it is committed. */
export type LogReleases = (releases: readonly Release[]) => Promise<void>;

interface Waiting {
  readonly releases: readonly Release[];
  readonly settle: (failure?: Error) => void;
}

/** Transactions under way at once: each waits for the disk by itself, which serves several together. */
const AT_ONCE = 2;

/**
 * Makes the log of one database. Releases of one turn of the event loop go into one transaction,
 * and so do those that wait while others are committed. If a commit fails, every request whose
 * release was in that transaction fails.
 */
export function createReleaseLog(db: Database): LogReleases {
  let waiting: Waiting[] = [];
  let underWay = 0;

  async function writeWaiting(): Promise<void> {
    if (underWay >= AT_ONCE || waiting.length === 0) return;
    const some = waiting;
    waiting = [];
    underWay += 1;
    const failure = await commit(some.flatMap(({ releases }) => releases));
    underWay -= 1;
    for (const { settle } of some) settle(failure);
    await writeWaiting();
  }

  function commit(releases: readonly Release[]): Promise<Error | undefined> {
    return db
      .transaction((tx) => recordDisclosures(tx, releases))
      .then(
        () => undefined,
        (thrown: unknown) =>
          thrown instanceof Error ? thrown : new DomainError('INTERNAL', {}, thrown),
      );
  }

  return (releases) => {
    if (releases.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      waiting.push({ releases, settle: (failure) => (failure ? reject(failure) : resolve()) });
      // A turn later, so that the other classes of the same question can be in it too.
      setImmediate(() => void writeWaiting());
    });
  };
}
