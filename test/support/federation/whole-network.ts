import type { GraphQLSchema } from 'graphql';
import { clockOf } from '../../../src/core/clock.js';
import type { Logger } from '../../../src/core/log.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import type { ServerLimits } from '../../../src/federation/http/server-limits.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import { knowStudies, now, snapshotOf } from '../consent/gate-fixture.js';
import { type NodeSubgraph, SUBGRAPHS } from '../gated-node.js';
import { RIVERSIDE } from '../names.js';
import { startNetwork } from '../network.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { gatewayKey } from './stand.js';

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
  const db = await server.open(RIVERSIDE);
  await knowStudies(db);
  const { nodes, gateway, stop } = await startNetwork({
    hospitals: [
      {
        institution: RIVERSIDE,
        db,
        logger,
        subgraphs: SUBGRAPHS,
        clock: clockOf(() => unixMsFromSeconds(now)),
        ledger: () => snapshotOf({ root: 1n, anchoredAt: now - 3_600 }),
        roles: ['HOSPITAL', 'SPONSOR', 'MANUFACTURER', 'PHARMACY'],
      },
    ],
    others: more.others ?? [],
    gatewayKey,
    gateway: { logger, ...(more.gateway === undefined ? {} : { limits: more.gateway }) },
    server,
  });
  const node = nodes[0]?.current();
  if (node === undefined) throw new Error('one node');
  const schemas = node.schemas as Readonly<Record<NodeSubgraph, GraphQLSchema>>;
  return { node: node.app, gateway, schemas, db, stop };
}
