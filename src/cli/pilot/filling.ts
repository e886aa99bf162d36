import type { Progress } from '../progress.js';
import type { StateFolder } from '../state-folder.js';
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
