import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { DEFAULT_WAIT_SECONDS, secondsUntilRetry } from '../http-errors.js';
import { domainErrorOf } from '../mask-error.js';

/**
 * Says in `Retry-After` when to ask again, wherever an error of an answer says that asking later helps; whatever
 * the status is, because an answer may be whole but for one institution that is away.
 */
export function retryAfterPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response: { body, http }, errors = [] }) => {
        const told = body.kind === 'single' ? (body.singleResult.errors ?? []) : [];
        if (!told.some(({ extensions }) => extensions?.retry === 'LATER')) return;
        // A failure that carries none of ours is told as a fault of this program.
        const failures = errors.map((error) => domainErrorOf(error) ?? new DomainError('INTERNAL'));
        const longest = failures.reduce(
          (seconds, failure) => Math.max(seconds, secondsUntilRetry(failure) ?? 0),
          0,
        );
        http.headers.set('retry-after', String(longest));
      },
    }),
  };
}

/** Says it as well where a route itself answers that it cannot now: whether a server is ready, a node's register. */
export function sayWhenToRetry(server: FastifyInstance): void {
  server.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode !== 503 || reply.hasHeader('retry-after')) return;
    void reply.header('retry-after', String(DEFAULT_WAIT_SECONDS));
  });
}
