import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../core/log.js';
import { newNonce } from '../core/signed/nonce.js';
import type { RequestOrigin } from '../graph/ask.js';
import type { SubgraphContext } from '../graph/context.js';
import type { GatewayKey } from '../network/gateway-key.js';
import type { ProvableStatement } from '../network/model.js';
import type { ProbedInstitution } from '../network/probe.js';
import { createRequesterCheck } from '../network/requester.js';
import { createApollo } from './apollo.js';
import { composeSubgraphs, type Subgraph } from './compose.js';
import { requireSmallDocument } from './document/guard.js';
import type { Landing } from './explorer/landing.js';
import type { Personas } from './explorer/personas.js';
import { requireAcceptable } from './http/accept.js';
import { endingsOf } from './http/ending.js';
import { addressOf } from './http/rate-limit.js';
import { createServer } from './http/server.js';
import { type ServerLimits, usualServerLimits } from './http/server-limits.js';
import { openOrRefuse } from './http-errors.js';
import { createInProcessGateway } from './in-process.js';
import { addPages } from './pages.js';
import { keepRawBodies } from './raw-body.js';
import { createReadiness, type Readiness } from './readiness.js';
import { currentRequestId, inRequestScope } from './request-scope.js';
import { addStatusRoutes, type LedgerFacts } from './status-routes.js';
import { openTrustedDocuments, type TrustedSources } from './trusted/documents.js';

export interface GatewayOptions {
  /** The domains' schemas over their network sources. */
  readonly subgraphs: readonly Subgraph[];
  readonly gatewayKey: GatewayKey;
  readonly logger: Logger;
  readonly version: string;
  /** Longest life of a requester's token, seconds. */
  readonly tokenMaxSeconds: number;
  /**
   * Where clients reach this gateway: what DPoP proofs must name. Without it they must name the host
   * of the request itself, which a proxy under another name can rewrite.
   */
  readonly publicUrl?: string | undefined;
  readonly statements: readonly ProvableStatement[];
  readonly ledger: LedgerFacts;
  /** Whether each node answers: see network/probe.ts. */
  readonly probe: () => Promise<readonly ProbedInstitution[]>;
  /** What `/readyz` says; always ready without it. */
  readonly readiness?: Readiness;
  /**
   * What a visitor's page is filled in with, made for each. Only the pilot mints a token here; a gateway
   * in production holds no requester's key.
   *
   * @param persona - one of `personas`, as `?persona=` names it; undefined if it names none.
   */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  /** Those as whom a visitor of the pilot may ask; no other gateway has any. */
  readonly personas?: Personas | undefined;
  /** Which documents are answered; those of schema/operations are trusted without it. */
  readonly trusted?: TrustedSources;
  /** The settings' defaults unless given. */
  readonly limits?: ServerLimits;
}

/**
 * HEAD as GET, of which it has no body: the handler beneath knows GET and POST alone. Everything else is read
 * from the request itself.
 */
function asGet(request: FastifyRequest): FastifyRequest {
  if (request.method !== 'HEAD') return request;
  return Object.create(request, { method: { value: 'GET' } }) as FastifyRequest;
}

/** Aborted when the client closes its connection before it has its answer. */
function signalOfLeaving({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort();
  });
  return left.signal;
}

/** The gateway as a fastify instance that does not listen yet. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const { subgraphs, gatewayKey, logger } = options;
  const supergraph = await composeSubgraphs(subgraphs);
  const apollo = createApollo<SubgraphContext<RequestOrigin>>(
    { gateway: createInProcessGateway(subgraphs, supergraph) },
    logger,
    openTrustedDocuments(options.trusted ?? { trust: 'also' }),
  );
  await apollo.start();

  const app = createServer(options.limits ?? usualServerLimits('gateway'), logger);
  app.addHook('onClose', () => apollo.stop());

  const bodyOf = keepRawBodies(app);
  const dpopNonce = newNonce();
  const readToken = createRequesterCheck({
    audience: gatewayKey.thumbprint,
    maxTokenSeconds: options.tokenMaxSeconds,
    dpop: { publicUrl: options.publicUrl, nonce: dpopNonce },
  });
  const endingOf = endingsOf(app);
  const leftSignals = new WeakMap<FastifyRequest, AbortSignal>();
  const openRequest = async (request: FastifyRequest): Promise<SubgraphContext<RequestOrigin>> => {
    const requestId = currentRequestId();
    const { headers, method, url } = request;
    const [path = ''] = url.split('?', 1);
    const sent = await readToken({ headers, method, path, body: bodyOf(request) });
    if (sent !== undefined) await app.countHolder(request, sent.holder);
    const address = addressOf(request.ip);
    const caller = sent?.holder ?? address;
    const signal = leftSignals.get(request);
    return { opened: { token: sent?.jwt, requestId, caller, address, signal }, requestId };
  };
  const handle = fastifyApolloHandler<SubgraphContext<RequestOrigin>>(apollo, {
    context: async (request, reply) => {
      const opened = await openOrRefuse(() => openRequest(request));
      return { ...opened, ending: endingOf(reply) };
    },
  });
  addPages(app, supergraph.apiSdl, options);
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: [requireAcceptable, requireSmallDocument],
    handler(request, reply) {
      const asked = asGet(request);
      leftSignals.set(asked, signalOfLeaving(reply));
      return inRequestScope(request.id, () => handle.call(this, asked, reply));
    },
  });
  const readiness = options.readiness ?? createReadiness([], logger);
  addStatusRoutes(app, supergraph, { ...options, dpopNonce, readiness });
  return app;
}
