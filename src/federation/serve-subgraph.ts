import type { IncomingHttpHeaders } from 'node:http';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../core/log.js';
import type { SubgraphContext } from '../graph/context.js';
import { createApollo } from './apollo.js';
import { requireSmallDocument } from './document/guard.js';
import {
  MAX_BODY_BYTES,
  MAX_REPRESENTATIONS,
  MAX_ROUTED_REPRESENTATIONS,
} from './document/limits.js';
import { requireAcceptable } from './http/accept.js';
import { endingsOf } from './http/ending.js';
import { tellRefusalsToRouters } from './http/routed-refusals.js';
import { answerHttpErrors, openOrRefuse } from './http-errors.js';
import { keepRawBodies } from './raw-body.js';
import { currentRequestId, inRequestScope } from './request-scope.js';

/** A request as a gate reads it: before anything in it is believed. */
export interface RawRequest {
  /** The address that it comes from, or that a trusted proxy names. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  /** The exact bytes of the body: a gateway signs their hash. */
  readonly body: Uint8Array;
  readonly requestId: string;
  /** Counts the request for a holder whose token was checked. @throws DomainError RATE_LIMITED {seconds}. */
  readonly countHolder: (holder: string) => Promise<void>;
}

export interface ServedSubgraph<Opened> {
  /** Absolute, for example `/records`. */
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** Decides what this request opens. A DomainError that it throws refuses the request whole. */
  readonly open: (request: RawRequest) => Promise<Opened>;
  readonly logger: Logger;
  /** Who asks: gateways of this kind, each node for itself, or routers of any kind. GATEWAYS unless given. */
  readonly askedBy?: 'GATEWAYS' | 'ROUTERS';
}

/**
 * Serves one subgraph over HTTP, POST alone, with the limits and masking of the gateway: it is asked by
 * gateways that it does not know, and by anyone who passes them by.
 */
export async function mountSubgraph<Opened>(
  fastify: FastifyInstance,
  { path, schema, open, logger, askedBy = 'GATEWAYS' }: ServedSubgraph<Opened>,
): Promise<void> {
  const isRouted = askedBy === 'ROUTERS';
  const most = isRouted ? MAX_ROUTED_REPRESENTATIONS : MAX_REPRESENTATIONS;
  const apollo = createApollo<SubgraphContext<Opened>>({ schema }, logger, undefined, most);
  await apollo.start();
  const endingOf = endingsOf(fastify);
  await fastify.register(async (scope) => {
    const bodyOf = keepRawBodies(scope);
    answerHttpErrors(scope, logger);
    if (isRouted) tellRefusalsToRouters(scope);
    const handle = fastifyApolloHandler<SubgraphContext<Opened>>(apollo, {
      context: async (request, reply) => {
        const requestId = currentRequestId();
        const body = bodyOf(request);
        const { headers, ip } = request;
        const countHolder = (holder: string) => fastify.countHolder(request, holder);
        const opened = await openOrRefuse(() =>
          open({ ip, headers, body, requestId, countHolder }),
        );
        return { opened, requestId, ending: endingOf(reply) };
      },
    });
    scope.route({
      method: 'POST',
      url: path,
      bodyLimit: MAX_BODY_BYTES,
      preHandler: [requireAcceptable, requireSmallDocument],
      handler(request, reply) {
        return inRequestScope(request.id, () => handle.call(this, request, reply));
      },
    });
    scope.addHook('onClose', () => apollo.stop());
  });
}
