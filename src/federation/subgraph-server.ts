import type { FastifyInstance } from 'fastify';
import type { Logger } from '../core/log.js';
import type { RequestOrigin } from '../graph/ask.js';
import type { GatewayKey } from '../network/gateway-key.js';
import type { ProvableStatement } from '../network/model.js';
import type { ProbedInstitution } from '../network/probe.js';
import { createRequesterCheck } from '../network/requester.js';
import { composeSubgraphs, type Subgraph } from './compose.js';
import { addressOf } from './http/rate-limit.js';
import { createServer } from './http/server.js';
import { type ServerLimits, usualServerLimits } from './http/server-limits.js';
import { createReadiness, type Readiness } from './readiness.js';
import { mountSubgraph } from './serve-subgraph.js';
import { addStatusRoutes, type LedgerFacts } from './status-routes.js';

export interface SubgraphServerOptions {
  /** The domains' schemas over their network sources. */
  readonly subgraphs: readonly Subgraph[];
  /** The key of this server: it signs the questions to nodes, and is the audience of requesters' tokens. */
  readonly gatewayKey: GatewayKey;
  readonly logger: Logger;
  readonly version: string;
  /** Longest life of a requester's token, seconds. */
  readonly tokenMaxSeconds: number;
  readonly statements: readonly ProvableStatement[];
  readonly ledger: LedgerFacts;
  /** Whether each node answers: see network/probe.ts. */
  readonly probe: () => Promise<readonly ProbedInstitution[]>;
  /** What `/readyz` says; always ready without it. */
  readonly readiness?: Readiness;
  /** The settings' defaults for nodes unless given: routers ask for many clients each. */
  readonly limits?: ServerLimits;
}

/**
 * Serves each domain at `/<name>`, for a router of the federation standard that stands before it, as a fastify
 * instance that does not listen yet.
 *
 * The router is believed no more than any client: each request is judged by the token that it passes on, and
 * nodes judge that token again. A token that is bound to its key is refused: its proof is for the request that
 * the router got, and here comes another.
 */
export async function createSubgraphServer(
  options: SubgraphServerOptions,
): Promise<FastifyInstance> {
  const { subgraphs, gatewayKey, logger, tokenMaxSeconds } = options;
  const app = createServer(options.limits ?? usualServerLimits('node'), logger);
  const readToken = createRequesterCheck({
    audience: gatewayKey.thumbprint,
    maxTokenSeconds: tokenMaxSeconds,
    dpop: undefined,
  });
  for (const { name, schema } of subgraphs) {
    await mountSubgraph<RequestOrigin>(app, {
      path: `/${name}`,
      schema,
      logger,
      askedBy: 'ROUTERS',
      async open({ ip, headers, body, requestId, countHolder }) {
        const sent = await readToken({ headers, body, method: 'POST', path: `/${name}` });
        if (sent !== undefined) await countHolder(sent.holder);
        const address = addressOf(ip);
        return { token: sent?.jwt, requestId, caller: sent?.holder ?? address, address };
      },
    });
  }
  const readiness = options.readiness ?? createReadiness([], logger);
  addStatusRoutes(app, await composeSubgraphs(subgraphs), { ...options, readiness });
  return app;
}
