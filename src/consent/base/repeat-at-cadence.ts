import { setTimeout as delay } from 'node:timers/promises';

/** Work that goes on at a fixed cadence until it is stopped. */
export interface Repeated {
  /** Ends it; settles once the work in hand is done. */
  stop(): Promise<void>;
}

/**
 * Does the work at once, or after `firstAfterMs`, and then every `everyMs`, never twice at the same time. What it throws goes
 * to `onError`, and the next interval comes all the same.
 */
export function repeatAtCadence(options: {
  readonly everyMs: number;
  readonly firstAfterMs?: number;
  readonly work: () => Promise<void>;
  readonly onError: (thrown: unknown) => void;
}): Repeated {
  const { everyMs, firstAfterMs = 0, work, onError } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waited = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
  async function run(): Promise<void> {
    if (firstAfterMs > 0) await waited(firstAfterMs);
    while (!signal.aborted) {
      // From start to start, so that how long the work took does not show in the cadence.
      const next = waited(everyMs);
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
