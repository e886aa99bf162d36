import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../../core/errors.js';

/** How long a busy machine is given before its failure is told, and the time between two tries. */
const PATIENCE = { forMs: 180_000, everyMs: 3_000 };

/**
 * Asks again what fails for now: on a busy machine a node's view of the ledger can be too old, or it can be
 * overloaded, while a pilot starts.
 *
 * @param isServed - whether what came back is whole; asked again likewise if it is not.
 * @returns the last answer, whole or not.
 * @throws what does not help to ask again (DomainError.retry), or still fails after three minutes.
 */
export async function untilServed<Answer>(
  ask: () => Promise<Answer>,
  isServed: (answer: Answer) => boolean,
  signal?: AbortSignal,
  { forMs, everyMs } = PATIENCE,
): Promise<Answer> {
  const endMs = Date.now() + forMs;
  for (;;) {
    const isLast = Date.now() > endMs;
    try {
      const answer = await ask();
      if (isLast || isServed(answer)) return answer;
    } catch (thrown) {
      if (isLast || !(thrown instanceof DomainError) || thrown.retry !== 'LATER') throw thrown;
    }
    await delay(everyMs, undefined, signal === undefined ? {} : { signal });
  }
}
