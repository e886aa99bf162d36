/**
 * Ctrl-C reaches every process of a terminal, and npm forwards its own: signals this close together
 * count as one.
 */
const ONE_SIGNAL_MS = 500;

/**
 * Aborts at the first SIGINT or SIGTERM. A second one ends the process at once. A child process
 * with a channel is also told to stop when its parent ends.
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
 * Settles like the work, or as soon as the process is told to stop; the work is then no longer
 * awaited.
 *
 * @throws what the work throws, or the reason of the signal.
 */
export async function unlessStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = untilStopped(stop).then(() => stop.throwIfAborted());
  return (await Promise.race([work, stopped])) as T;
}
