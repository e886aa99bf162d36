import type { Role } from '../graph/ask.js';

/** Who handles packs, and so can tell of lots and events. */
export const SUPPLY_ROLES: readonly Role[] = ['MANUFACTURER', 'PHARMACY'];
