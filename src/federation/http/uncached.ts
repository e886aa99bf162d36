import type { FastifyInstance } from 'fastify';

/**
 * What an answer depends on besides its URL and body: who asks, and in which format and
 * compression. For caches that store answers in spite of `no-store`.
 */
const VARY = 'accept, accept-encoding, authorization, dpop, origin';

/**
 * Forbids every cache to keep what a server answers, refusals and unknown paths included: an answer
 * is for one requester, and true at its moment alone.
 */
export function forbidCaching(server: FastifyInstance): void {
  server.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store').header('vary', VARY);
  });
}
