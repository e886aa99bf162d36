import type { DomainError } from '../../core/errors.js';

const FIRST_MS = 1_000;
/** What recovers is found again within a minute. */
const MAX_FAILING_MS = 60_000;
/** As long as a question waits that is not answered at once. */
const MAX_EMPTY_MS = 25_000;
/** What a gateway may ask for by `Retry-After`. */
const MAX_ASKED_FOR_MS = 600_000;

/** Milliseconds until the next question: what `Retry-After` says, or more the oftener it failed. */
export function pauseAfterFailure({ facts }: DomainError, failures: number): number {
  const doubled = Math.min(MAX_FAILING_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  // Of many portals that were cut off at once, each comes back at a moment of its own.
  const own = doubled * (0.75 + Math.random() / 2);
  const asked = typeof facts.retryAfterSeconds === 'number' ? facts.retryAfterSeconds * 1_000 : 0;
  return Math.max(own, Math.min(asked, MAX_ASKED_FOR_MS));
}

/**
 * Milliseconds after an answer without news that came at once. Behind rows that are known there may be others: an
 * institution that was started again tells all once more. Where there is no row, nothing may have been presented.
 */
export function pauseAfterNothing(rows: number, times: number): number {
  if (rows > 0) return FIRST_MS;
  return Math.min(MAX_EMPTY_MS, FIRST_MS * 2 ** Math.min(times - 1, 30));
}

/** Over at once when the signal is aborted. */
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
