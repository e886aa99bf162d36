import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';

/**
 * Refuses a request target with a fragment. No client sends one (RFC 9112, section 3.2), and its readers
 * disagree about it: the router takes it for a part of the query, a URL ends before it.
 */
export function refuseFragments(server: FastifyInstance): void {
  server.addHook('onRequest', async ({ url }) => {
    if (url.includes('#')) throw new DomainError('BAD_INPUT', { target: 'fragment' });
  });
}

/**
 * The query of a request's target as Apollo reads it, its `?` included; empty without one.
 *
 * @throws DomainError BAD_INPUT for a target that is no URL.
 */
export function searchOf({ url, protocol, hostname }: FastifyRequest): string {
  const base = `${protocol}://${hostname}/`;
  if (!URL.canParse(url, base)) throw new DomainError('BAD_INPUT', { target: 'no URL' });
  return new URL(url, base).search;
}
