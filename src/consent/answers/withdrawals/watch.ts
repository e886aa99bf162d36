import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks at the database: what a waiting portal learns a withdrawal later by, at most. */
const LOOK_EVERY_MS = 250;

interface Watcher {
  readonly seen: string;
  readonly wake: (stamp: string | undefined) => void;
}

/**
 * Tells those who wait that something changed. One look at the database a quarter of a second serves
 * all of them, whichever process made the change; while nobody waits, nobody looks.
 */
export class ChangeWatch {
  readonly #read: () => Promise<string>;
  readonly #watchers = new Set<Watcher>();
  #isLooking = false;

  /** @param read - another text after each change that was committed. */
  constructor(read: () => Promise<string>) {
    this.#read = read;
  }

  /** To be taken before what it is compared for is read: so no change falls between the two. */
  stamp(): Promise<string> {
    return this.#read();
  }

  /** @returns the stamp once it is another than `seen`; undefined once the signal is aborted. */
  after(seen: string, signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const watcher = { seen, wake };
      const give = () => wake(undefined);
      const watchers = this.#watchers;
      function wake(stamp: string | undefined): void {
        watchers.delete(watcher);
        signal.removeEventListener('abort', give);
        resolve(stamp);
      }
      signal.addEventListener('abort', give, { once: true });
      watchers.add(watcher);
      if (!this.#isLooking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#watchers.size > 0) {
      // A database that is away changes nothing: who waits asks it for an answer when the wait is over.
      const stamp = await this.#read().catch(() => undefined);
      if (stamp !== undefined) {
        for (const watcher of [...this.#watchers]) if (watcher.seen !== stamp) watcher.wake(stamp);
      }
      await delay(LOOK_EVERY_MS);
    }
    this.#isLooking = false;
  }
}
