/**
 * The domain subgraphs over HTTP, each at a path of its own, as another router asks them. Run with a
 * GatewaySetting as JSON; prints the supergraph that names them.
 */

import { jwtOf } from '../../src/core/signed/token-secret.js';
import { composeSubgraphs, type Subgraph } from '../../src/federation/compose.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph } from '../../src/federation/serve-subgraph.js';
import type { RequestOrigin } from '../../src/graph/ask.js';
import { domainsOf, type GatewaySetting, LIMITS, logger } from './domains.js';
import { sayOnceReady } from './program.js';

const setting = JSON.parse(process.argv[2] ?? '') as GatewaySetting;
const { subgraphs } = await domainsOf(setting);
const app = createNodeServer({ logger, health: () => ({}), limits: LIMITS });

/** Without the check of the token that this project's gateway makes: in favour of the other. */
async function serve({ name, schema }: Subgraph): Promise<void> {
  await mountSubgraph<RequestOrigin>(app, {
    path: `/${name}`,
    schema,
    logger,
    open: async ({ headers, requestId }) => ({
      token: headers.authorization && jwtOf(headers.authorization.replace(/^Bearer /, '')),
      requestId,
    }),
  });
}

for (const subgraph of subgraphs) await serve(subgraph);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const { supergraphSdl } = await composeSubgraphs(subgraphs);
const named = supergraphSdl.replaceAll(/url: "http:\/\/[^/"]+/g, `url: "${url}`);
sayOnceReady({ supergraphSdl: named });
