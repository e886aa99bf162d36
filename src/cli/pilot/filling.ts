import { setImmediate } from 'node:timers/promises';
import type { Progress } from '../process/progress.js';
import type { StateFolder } from '../state/state-folder.js';
import type { Membership } from './membership.js';
import type { SeedPlan } from './plan.js';

/** What the first start makes and stores: with whom, by which plan, and how far it is. */
export interface Filling {
  readonly folder: StateFolder;
  readonly memberships: readonly Membership[];
  readonly plan: SeedPlan;
  readonly progress: Progress;
  /** Once it is aborted, no further part is begun; the next start does what is left. */
  readonly stopSignal: AbortSignal | undefined;
}

/**
 * Before each part. The embedded engine answers without a turn of the event loop, so that a signal would
 * be heard only once everything is filled.
 *
 * @throws the reason of the signal, once the pilot was told to stop.
 */
export async function goOn({ stopSignal }: Pick<Filling, 'stopSignal'>): Promise<void> {
  await setImmediate();
  stopSignal?.throwIfAborted();
}
