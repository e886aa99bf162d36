import { setTimeout as delay } from 'node:timers/promises';

/** Work that goes on at a fixed cadence until it is stopped. */
export interface Repeated {
  /** Ends it; settles once the work in hand is done. */
  stop(): Promise<void>;
}

/**
 * Does the work at once and then every `everyMs`, never twice at the same time. What it throws goes
 * to `onError`, and the next interval comes all the same.
 */
export function repeat(options: {
  readonly everyMs: number;
  readonly work: () => Promise<void>;
  readonly onError: (thrown: unknown) => void;
}): Repeated {
  const { everyMs, work, onError } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  async function run(): Promise<void> {
    while (!signal.aborted) {
      // From start to start, so that how long the work took does not show in the cadence.
      const next = delay(everyMs, undefined, { signal }).catch(() => undefined);
      await work().catch(onError);
      await next;
    }
  }
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
