import { openFeed } from '../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../src/consent/feed/publish.js';
import { clockOf } from '../../src/core/clock.js';
import { unixMsFromSeconds } from '../../src/core/time.js';
import type { Database } from '../../src/store/database.js';
import { now, RIVERSIDE } from './gate-fixture.js';

const unused = () => Promise.reject(new Error('publishing signs nothing'));

/** The feed of the fixture's institution, before its first anchor. */
export function feedOver(db: Database, institution = RIVERSIDE) {
  return openFeed({
    db,
    institution,
    clock: clockOf(() => unixMsFromSeconds(now)),
    network: 'pilot',
    // What strangers pay is tried in withdrawal-flood.test.ts.
    strangers: { puzzleBits: 0, heldSeconds: 86_400 },
    ledger: () => ({ chainId: 1, contract: `0x${'1'.repeat(40)}`, institutions: [] }),
    keys: { sign: unused, recover: unused, acknowledge: unused, acknowledgerOf: unused },
  });
}

/** Publishes withdrawal secrets at this institution. */
export async function publish(db: Database, secrets: readonly string[]): Promise<void> {
  await publishWithdrawals(await feedOver(db), secrets);
}
