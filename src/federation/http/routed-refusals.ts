import type { FastifyInstance } from 'fastify';

/** Refusals of a request that no router makes: of its method, and of what it sends and accepts. */
const OF_HTTP_ALONE: ReadonlySet<number> = new Set([404, 405, 406, 415]);

/**
 * Answers refusals with 200. Routers read the errors of such an answer and pass them on; of an answer with another
 * status most tell the client that status in place of our code, and some tell our URL.
 */
export function tellRefusalsToRouters(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply) => {
    const { statusCode } = reply;
    const isJson = /^application\/json\b/.test(String(reply.getHeader('content-type')));
    if (statusCode >= 400 && isJson && !OF_HTTP_ALONE.has(statusCode)) void reply.code(200);
  });
}
