import type { FastifyInstance } from 'fastify';
import { codeOf, DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { createServer } from './http/server.js';
import { type ServerLimits, usualServerLimits } from './http/server-limits.js';
import { keepRawBodies } from './raw-body.js';
import { addReadyRoutes, createReadiness, type Readiness } from './readiness.js';

/**
 * The HTTP server of a node, which does not listen yet: subgraphs and the register's routes are
 * mounted on it.
 *
 * @param options.health - what the node says of itself to people; a throw answers 503 with its code.
 * @param options.readiness - what `/readyz` says; always ready without it.
 * @param options.limits - the settings' defaults unless given.
 */
export function createNodeServer(options: {
  readonly logger: Logger;
  readonly health: () => object;
  readonly readiness?: Readiness;
  readonly limits?: ServerLimits;
}): FastifyInstance {
  const { limits = usualServerLimits('node'), logger } = options;
  const server = createServer(limits, logger);
  keepRawBodies(server);
  addReadyRoutes(server, options.readiness ?? createReadiness([], logger));
  server.get('/health', (_request, reply) => {
    try {
      return reply.send({ status: 'ok', ...options.health() });
    } catch (thrown) {
      return reply.code(503).send({ status: 'unavailable', code: codeOf(thrown) });
    }
  });
  return server;
}

/** Listens. @throws DomainError PORT_TAKEN if another process does already. */
export async function listen(
  server: FastifyInstance,
  where: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await server.listen({ ...where });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new DomainError('PORT_TAKEN', { port: where.port }, cause);
  }
}
