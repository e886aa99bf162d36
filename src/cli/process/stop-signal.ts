/** Ctrl-C reaches every process of a terminal, and npm passes its own on: so close together they are one. */
const ONE_SIGNAL_MS = 500;

/**
 * Aborts at the first SIGINT or SIGTERM. A second one ends the process at once. A process that another
 * started over a channel is told to stop by that other's end, too.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  if (process.channel) process.once('disconnect', () => stop.abort());
  let firstMs = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        firstMs = performance.now();
        stop.abort();
      } else if (performance.now() - firstMs > ONE_SIGNAL_MS) {
        process.exit(130);
      }
    });
  }
  return stop.signal;
}

/** Settles once the process is told to stop. */
export function untilStopped(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Settles as the work does, or as soon as the process is told to stop; the work is then left to itself.
 *
 * @throws what the work throws, or the reason of the signal.
 */
export async function unlessStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = untilStopped(stop).then(() => stop.throwIfAborted());
  return (await Promise.race([work, stopped])) as T;
}
