import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../../core/errors.js';
import { Ends } from './ends.js';
import { exitWithError } from './exit.js';
import { stopSignal, unlessStopped, untilStopped } from './stop-signal.js';

/**
 * Time after which the process ends anyway, for example because a database or a chain does not
 * answer.
 */
const END_WITHIN_MS = 20_000;

/**
 * What a command does. It adds an end for each thing that it starts, and may check the signal
 * during long work.
 */
type Work = (ends: Ends, stop: AbortSignal) => Promise<void>;

/**
 * Starts what a command runs, keeps it running until the process is told to stop, and ends it in
 * order.
 *
 * @throws what the start throws, once everything that it started has ended.
 */
export function runUntilStopped(start: Work): Promise<void> {
  return runUnlessStopped(async (ends, stop) => {
    await start(ends, stop);
    await untilStopped(stop);
  });
}

/**
 * Runs work to its end, or until the process is told to stop, at any stage. Unfinished work is left
 * as it is, because each start can continue from what another left behind.
 *
 * @throws what the work throws, once everything that it started has ended.
 */
export async function runUnlessStopped(work: Work): Promise<void> {
  const stop = stopSignal();
  const failed = new AbortController();
  const ends = new Ends();
  try {
    await unlessStopped(stop, work(ends, AbortSignal.any([stop, failed.signal])));
    await endWithin(ends);
  } catch (thrown) {
    failed.abort(thrown);
    await endWithin(ends, stop.aborted ? undefined : thrown);
    if (!stop.aborted) throw thrown;
  }
  // Unfinished work may still hold a socket or a thread.
  if (stop.aborted) process.exit();
}

/** @param failure - the reason for ending, which is reported if the ends take too long. */
async function endWithin(ends: Ends, failure?: unknown): Promise<void> {
  const late = delay(END_WITHIN_MS, 'late' as const, { ref: false });
  if ((await Promise.race([ends.run(), late])) === 'late') {
    exitWithError(failure ?? new DomainError('STOP_TIMEOUT', { seconds: END_WITHIN_MS / 1000 }));
  }
}
