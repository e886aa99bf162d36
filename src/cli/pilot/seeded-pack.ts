import { seedLots, seedSerials } from '../../supply/seed.js';
import type { SeedPlan } from './plan.js';

/** The four identifiers printed on a pack. */
export interface SeededPack {
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string;
  readonly expiry: string; // YYYY-MM-DD
}

/**
 * A pack that the maker commissioned and the pharmacy received: the first pack of the first lot.
 */
export function seededPack({ seed, nowMs }: SeedPlan): SeededPack {
  const [lot] = seedLots({ seed, nowMs });
  const { gtin = '', lot: lotNumber = '', expiry = '' } = lot ?? {};
  const [serial = ''] = seedSerials(seed, gtin, 1);
  return { gtin, serial, lot: lotNumber, expiry };
}
