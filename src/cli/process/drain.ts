import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets a part that is told to stop announce this and keep answering for a moment, so that a load
 * balancer sees it at `/readyz` and sends new requests elsewhere.
 *
 * @param forMs - 0: no drain.
 */
export async function drain(part: { beginStop(): void }, forMs: number): Promise<void> {
  part.beginStop();
  if (forMs > 0) await delay(forMs);
}
