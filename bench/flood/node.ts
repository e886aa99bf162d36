/**
 * One institution's node with a real gate and an embedded database, for bench/flood.ts: prints where
 * it listens and runs until its standard input ends.
 */
import { pino } from 'pino';
import { DatabaseConsents } from '../../src/consent/answers/node-consents.js';
import { createProver } from '../../src/consent/evidence/prove.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import { consentSubgraph } from '../../src/consent/graphql/subgraph.js';
import { systemClock } from '../../src/core/clock.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph } from '../../src/federation/serve-subgraph.js';
import { feedOver, walletParts } from '../../test/support/consent/gate-feed.js';
import {
  gateAt,
  knowStudies,
  now,
  RIVERSIDE,
  showConsent,
  snapshotOf,
} from '../../test/support/consent/gate-fixture.js';
import { openFreshPglite } from '../../test/support/store/fresh-pglite.js';

const logger = pino({ level: 'silent' });
const server = await openFreshPglite();
const db = await server.open(RIVERSIDE);
await knowStudies(db);
const { root } = await showConsent();
const gate = gateAt(db, root);
const ledger = () => snapshotOf({ root, anchoredAt: now - 3_600 });
const consents = new DatabaseConsents({
  gate,
  ...walletParts(await feedOver(db)),
  prove: createProver({ db, institution: RIVERSIDE, ledger }),
});
const authenticate = createAuthenticate({
  institution: RIVERSIDE,
  clock: systemClock,
  maxTokenSeconds: 600,
});
const app = createNodeServer({ logger, health: () => ({}) });
await mountSubgraph(app, {
  path: '/consent',
  schema: consentSubgraph(consents),
  open: async (request) => gate.open(await authenticate(request)),
  logger,
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
for await (const _ of process.stdin);
await server.close();
process.exit(0);
