import type { DomainError } from '../../core/errors.js';

const FIRST_MS = 1_000;
/** A gateway that recovers is noticed within a minute. */
const MAX_FAILING_MS = 60_000;
/** As long as a question waits that is not answered immediately. */
const MAX_EMPTY_MS = 25_000;
/** The longest `Retry-After` that is honoured. */
const MAX_ASKED_FOR_MS = 600_000;

/** Milliseconds until the next question: `Retry-After`, or a pause that grows with each failure. */
export function pauseAfterFailure({ facts }: DomainError, failures: number): number {
  const doubled = Math.min(MAX_FAILING_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  // Random, so that many portals that were cut off together do not return at the same moment.
  const own = doubled * (0.75 + Math.random() / 2);
  const asked = typeof facts.retryAfterSeconds === 'number' ? facts.retryAfterSeconds * 1_000 : 0;
  return Math.max(own, Math.min(asked, MAX_ASKED_FOR_MS));
}

/**
 * Milliseconds to wait after an immediate answer without news. New rows may follow known ones,
 * because a restarted institution repeats everything. Without any row, perhaps nothing has been
 * presented.
 */
export function pauseAfterNothing(rows: number, times: number): number {
  if (rows > 0) return FIRST_MS;
  return Math.min(MAX_EMPTY_MS, FIRST_MS * 2 ** Math.min(times - 1, 30));
}

/** Waits; ends early when the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
