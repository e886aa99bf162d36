import type { Role } from '../graph/ask.js';

/** Roles that handle packs, and so have lots and events. */
export const SUPPLY_ROLES: readonly Role[] = ['MANUFACTURER', 'PHARMACY'];
