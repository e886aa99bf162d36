import { createReceipts } from '../../../src/consent/answers/receipts.js';
import type { Feed, FeedOptions } from '../../../src/consent/feed/feed.js';
import { openFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { sha256Hex } from '../../../src/core/canonical.js';
import { clockOf } from '../../../src/core/clock.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { ledgerAccountOf } from '../../../src/ledger/write/account.js';
import type { Database } from '../../../src/store/database.js';
import { RIVERSIDE } from '../names.js';
import { feedKeysOf } from './feed-network.js';
import { now } from './gate-fixture.js';
import { LINK_KEY, PATH_KEY } from './link-key.js';

/** Where these nodes are registered. */
export const LEDGER = { network: 'pilot', chainId: 1, contract: `0x${'1'.repeat(40)}` } as const;

/** The ledger account of an institution, the same in every run. */
export function accountAt(institution: string) {
  return ledgerAccountOf(`0x${sha256Hex(`account of ${institution}`)}`);
}

/** Its address, as a wallet reads it. */
export function addressAt(institution: string): string {
  return accountAt(institution).address.toLowerCase();
}

/** The feed of the fixture's institution, before its first anchor. */
export function feedOver(
  db: Database,
  institution = RIVERSIDE,
  options: Partial<Pick<FeedOptions, 'acceptsRoot' | 'strangers'>> = {},
) {
  return openFeed({
    db,
    institution,
    clock: clockOf(() => unixMsFromSeconds(now)),
    network: LEDGER.network,
    // What strangers pay is tried in withdrawal-flood.test.ts.
    strangers: { puzzleBits: 0, heldSeconds: 86_400 },
    ledger: () => ({ ...LEDGER, institutions: [] }),
    keys: feedKeysOf(accountAt(institution), LEDGER),
    ...options,
  });
}

/** What a node answers wallets with, beside its gate and its feed. */
export function walletParts(feed: Feed) {
  return { feed, linkKey: LINK_KEY, pathKey: PATH_KEY, receipts: createReceipts(feed, 150) };
}

/** Publishes withdrawal secrets at this institution. */
export async function publish(db: Database, secrets: readonly string[]): Promise<void> {
  await publishWithdrawals(await feedOver(db), secrets);
}
