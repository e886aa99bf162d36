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

/** A name or an address, of IPv6 in brackets, with or without a port. Nothing that a URL reads as another part. */
const HOST = /^(\[[^[\]]*\]|[^\s/?#@:\\[\]]+)(:\d*)?$/;

/**
 * Refuses a request whose host is malformed, be it the request's own or the one that a trusted
 * proxy names: no valid URL can be made of it. A request without a host is accepted, because health
 * checks may use HTTP/1.0.
 */
export function refuseFalseHosts(server: FastifyInstance): void {
  server.addHook('onRequest', async ({ host, headers }) => {
    for (const named of [host, headers.host ?? '']) {
      if (named === '' || (HOST.test(named) && URL.canParse(`http://${named}/`))) continue;
      throw new DomainError('BAD_INPUT', { host: 'no host' });
    }
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
