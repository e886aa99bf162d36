import type { FastifyInstance } from 'fastify';

/** The header that names an answer: errors and the log have the same id. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Names every answer of a server, whole or refused, so that who reports one can say which. */
export function nameAnswers(server: FastifyInstance): void {
  server.addHook('onSend', async ({ id }, reply) => {
    void reply.header(REQUEST_ID_HEADER, id);
  });
}
