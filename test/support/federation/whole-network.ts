import { DatabaseConsents } from '../../../src/consent/answers/node-consents.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import { createAuthenticate } from '../../../src/consent/gate/authenticate.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import type { Logger } from '../../../src/core/log.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { networkDomains } from '../../../src/federation/domains.js';
import type { ServerLimits } from '../../../src/federation/http/server-limits.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph, type RawRequest } from '../../../src/federation/serve-subgraph.js';
import { type AskedInstitution, createAskNodes } from '../../../src/network/ask-nodes.js';
import { DatabaseRecords } from '../../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { DatabaseSupply } from '../../../src/supply/database.js';
import { supplySubgraph } from '../../../src/supply/subgraph.js';
import { DatabaseTrials } from '../../../src/trials/database.js';
import { trialsSubgraph } from '../../../src/trials/subgraph.js';
import { feedOver, walletParts } from '../consent/gate-feed.js';
import { gateAt, knowStudies, now, RIVERSIDE, snapshotOf } from '../consent/gate-fixture.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { gatewayKey, networkOf, startGateway } from './stand.js';

/** The paths of a node that has every role. */
export const SUBGRAPHS = ['consent', 'records', 'trials', 'supply'] as const;

/** A node of every role, over a database, and a gateway that asks it: the whole API at both. */
export async function startWholeNetwork(
  logger: Logger,
  more: {
    readonly gateway?: ServerLimits;
    /** Institutions beside the one that there is a node of. */
    readonly others?: readonly AskedInstitution[];
  } = {},
) {
  const server = await openFreshPglite();
  const institution = RIVERSIDE;
  const db = await server.open(institution);
  await knowStudies(db);
  const clock = clockOf(() => unixMsFromSeconds(now));
  const ledger = () => snapshotOf({ root: 1n, anchoredAt: now });
  const gate = gateAt(db, 1n, { institution });
  const prove = createProver({ db, institution, ledger });
  const feed = await feedOver(db, institution);
  const records = new DatabaseRecords({ db, institution, nodeIdKey: Buffer.alloc(32, 1), clock });
  const schemas = {
    consent: consentSubgraph(new DatabaseConsents({ gate, prove, ...walletParts(feed) })),
    records: recordsSubgraph(records),
    trials: trialsSubgraph(new DatabaseTrials(db, institution, prove)),
    supply: supplySubgraph(new DatabaseSupply(db, institution, clock, prove)),
  };
  const authenticate = createAuthenticate({
    ...{ institution, clock: systemClock, maxTokenSeconds: 600 },
  });
  const open = async (request: RawRequest) => gate.open(await authenticate(request));
  const node = createNodeServer({ logger, health: () => ({}) });
  for (const name of SUBGRAPHS) {
    await mountSubgraph(node, { path: `/${name}`, schema: schemas[name], open, logger });
  }
  const endpoint = await node.listen({ host: '127.0.0.1', port: 0 });
  const roles = ['HOSPITAL', 'SPONSOR', 'MANUFACTURER', 'PHARMACY'] as const;
  const institutions: AskedInstitution[] = [
    { id: institution, endpoint, roles, status: 'ACTIVE' },
    ...(more.others ?? []),
  ];
  const gateway = await startGateway(institutions, {
    logger,
    ...(more.gateway === undefined ? {} : { limits: more.gateway }),
    subgraphs: networkDomains({
      nodes: createAskNodes({ institutions: () => institutions, gatewayKey, logger }),
      network: networkOf(institutions),
      activeInstitutions: () => institutions.map(({ id }) => id),
    }),
  });
  const stop = async () => {
    await gateway.close();
    await node.close();
    await server.close();
  };
  return { node, gateway, schemas, db, stop };
}
