/**
 * One institution's node with a real gate and an embedded database, for bench/flood.ts: prints where
 * it listens and runs until its standard input ends.
 */
import { clockOf } from '../../src/core/clock.js';
import { unixMsFromSeconds } from '../../src/core/time.js';
import {
  knowStudies,
  now,
  showConsent,
  snapshotOf,
} from '../../test/support/consent/gate-fixture.js';
import { startGatedNode } from '../../test/support/gated-node.js';
import { RIVERSIDE } from '../../test/support/names.js';
import { openFreshPglite } from '../../test/support/store/fresh-pglite.js';

const server = await openFreshPglite();
const db = await server.open(RIVERSIDE);
await knowStudies(db);
const { root } = await showConsent();
const { endpoint } = await startGatedNode({
  institution: RIVERSIDE,
  db,
  subgraphs: ['consent'],
  clock: clockOf(() => unixMsFromSeconds(now)),
  ledger: () => snapshotOf({ root, anchoredAt: now - 3_600 }),
});
process.stdout.write(`${endpoint}\n`);
for await (const _ of process.stdin);
await server.close();
process.exit(0);
