import { setImmediate } from 'node:timers/promises';
import type { Progress } from '../process/progress.js';
import type { StateFolder } from '../state/state-folder.js';
import type { Membership } from './membership.js';
import type { SeedPlan } from './plan.js';

/** What the first start needs to make and store the data: members, plan and progress. */
export interface Filling {
  readonly folder: StateFolder;
  readonly memberships: readonly Membership[];
  readonly plan: SeedPlan;
  readonly progress: Progress;
  /** Once it is aborted, no further part begins; the next start does the rest. */
  readonly stopSignal: AbortSignal | undefined;
}

/**
 * Call it before each part. The embedded engine answers without yielding to the event loop, so a
 * signal would otherwise be noticed only when everything is filled.
 *
 * @throws the signal's reason, once the pilot was told to stop.
 */
export async function goOn({ stopSignal }: Pick<Filling, 'stopSignal'>): Promise<void> {
  await setImmediate();
  stopSignal?.throwIfAborted();
}
