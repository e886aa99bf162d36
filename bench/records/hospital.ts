import type { Permit } from '../../src/consent/gate/permit.js';
import { PermitSet } from '../../src/consent/gate/permit.js';
import { systemClock } from '../../src/core/clock.js';
import type { InstitutionId } from '../../src/core/ids.js';
import type { Database } from '../../src/store/database.js';
import { snapshotOf } from '../../test/support/consent/gate-fixture.js';
import type { GatedNodeOptions } from '../../test/support/gated-node.js';
import { ROOT } from './presentations.js';
import { withoutLog } from './without-log.js';

/** Longest life of a requester's token: a whole bench is asked with one. */
export const MAX_TOKEN_SECONDS = 43_200;

/** A node as a network runs it: tokens, gateway signatures, presentations asked each time, the log. */
export function gatedNode(institution: InstitutionId, db: Database): GatedNodeOptions {
  const snapshot = snapshotOf({ root: ROOT, anchoredAt: systemClock.nowSeconds() - 3_600 });
  return {
    institution,
    db,
    maxTokenSeconds: MAX_TOKEN_SECONDS,
    ledger: () => snapshot,
    prove: async (rows) => rows.map(() => null),
  };
}

/** The same with a permit for every row: who asks is not looked at, and nothing is logged. */
export function openNode(
  institution: InstitutionId,
  db: Database,
  permits: readonly Permit[],
): GatedNodeOptions {
  const everything = PermitSet.mint(permits, []);
  return { ...gatedNode(institution, withoutLog(db)), open: async () => everything };
}
