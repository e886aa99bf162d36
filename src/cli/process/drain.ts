import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets a part that is told to stop say so and answer on for a moment: a load balancer asks
 * `/readyz` meanwhile and sends the next ones elsewhere.
 *
 * @param forMs - 0: not at all.
 */
export async function drain(part: { beginStop(): void }, forMs: number): Promise<void> {
  part.beginStop();
  if (forMs > 0) await delay(forMs);
}
