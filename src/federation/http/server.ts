import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../../core/log.js';
import { MAX_BODY_BYTES } from '../document/limits.js';
import { answerHttpErrors } from '../http-errors.js';
import { limitBodies } from './bodies.js';
import { compressAnswers } from './compress.js';
import { createBoundedServer } from './connections.js';
import { allowOrigins } from './cors.js';
import { refuseUnderPressure } from './pressure.js';
import { limitRates } from './rate-limit.js';
import { nameAnswers } from './request-id.js';
import { sayWhenToRetry } from './retry-after.js';
import type { ServerLimits } from './server-limits.js';
import { refuseFalseHosts, refuseFragments } from './target.js';
import { forbidCaching } from './uncached.js';
import { refuseUnknownRoutes } from './unknown-routes.js';
import { unpackBodies } from './unpack.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request for a holder whose token was checked. @throws DomainError RATE_LIMITED {seconds}. */
    countHolder(request: FastifyRequest, holder: string): Promise<void>;
  }
}

/**
 * The HTTP server of a gateway or of a node, which does not listen yet: what is bounded at one is bounded
 * at the other.
 */
export function createServer(limits: ServerLimits, logger: Logger): FastifyInstance {
  const server = createBoundedServer(limits, { bodyLimit: MAX_BODY_BYTES });
  // A form or a plain text of any site is no question.
  server.removeContentTypeParser('text/plain');
  answerHttpErrors(server, logger);
  nameAnswers(server);
  sayWhenToRetry(server);
  forbidCaching(server);
  server.decorate('countHolder', limitRates(server, limits));
  refuseFragments(server);
  refuseFalseHosts(server);
  refuseUnderPressure(server, limits);
  limitBodies(server, limits);
  allowOrigins(server, limits.corsOrigins);
  refuseUnknownRoutes(server);
  unpackBodies(server);
  compressAnswers(server);
  return server;
}
