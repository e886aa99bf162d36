import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DPOP_HEADER, DPOP_NONCE_HEADER } from '../../core/signed/dpop.js';
import { SUBTREE_KEY_HEADER } from '../../core/subtree-key.js';
import { REQUEST_ID_HEADER } from './request-id.js';

/**
 * What a page of another site may send. Apollo Client, urql and Relay send their names and what they are about
 * to ask; tracing libraries send W3C Trace Context and Baggage; a wallet sends a key to read paths at a node.
 */
const ALLOWED_HEADERS: readonly string[] = [
  'accept',
  'accept-language',
  'apollo-federation-include-trace',
  'apollo-require-preflight',
  'apollographql-client-name',
  'apollographql-client-version',
  'authorization',
  'baggage',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  DPOP_HEADER,
  'graphql-client-name',
  'graphql-client-version',
  'graphql-preflight',
  'graphql-require-preflight',
  'pragma',
  SUBTREE_KEY_HEADER,
  'traceparent',
  'tracestate',
  'x-apollo-operation-id',
  'x-apollo-operation-name',
  'x-apollo-operation-type',
  'x-client-name',
  'x-client-version',
  'x-graphql-client-name',
  'x-graphql-client-version',
  REQUEST_ID_HEADER,
  'x-requested-with',
];
const ALLOWED: ReadonlySet<string> = new Set(ALLOWED_HEADERS);

/** The response headers that a page may read in addition to those that every page may. */
const EXPOSED_HEADERS = [DPOP_NONCE_HEADER, 'retry-after', 'allow', REQUEST_ID_HEADER].join(', ');

/** Chromium keeps no permission for longer than two hours. */
const PREFLIGHT_SECONDS = '7200';

/** Longest list of headers that is read: all of those above come to less. */
const LONGEST_ASKED = 2_000;

/**
 * Lets pages of other origins ask and read, refusals included. A requester sends a token, never a cookie, so a
 * page can ask in the name of nobody but who gave it a token: credentials are not allowed, and any origin may be.
 *
 * What is not JSON cannot be read by another site: a page of this server may hold a token that was minted for its
 * visitor.
 *
 * @param origins - `*`, `none`, or origins (`https://portal.example`), comma separated.
 */
export function allowOrigins(server: FastifyInstance, origins: string): void {
  const listed: ReadonlySet<string> = new Set(origins.split(','));
  const allowedFor = ({ headers: { origin } }: FastifyRequest): string | undefined => {
    if (listed.has('*')) return '*';
    return origin !== undefined && listed.has(origin) ? origin : undefined;
  };

  server.addHook('onRequest', async (request, reply) => {
    if (!isPreflight(request)) return;
    const origin = allowedFor(request);
    if (origin !== undefined) letAsk(request, reply, origin);
    await reply.code(204).send();
  });
  server.addHook('onSend', async (request, reply) => {
    const origin = allowedFor(request);
    if (origin === undefined || !isReadable(reply)) return;
    void reply
      .header('access-control-allow-origin', origin)
      .header('access-control-expose-headers', EXPOSED_HEADERS);
  });
}

/** Whether a browser asks what a page may send, before it sends it. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

function letAsk({ headers }: FastifyRequest, reply: FastifyReply, origin: string): void {
  const asked = String(headers['access-control-request-headers'] ?? '').slice(0, LONGEST_ASKED);
  const allowed = asked
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => ALLOWED.has(name));
  void reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-methods', 'GET, HEAD, POST')
    // A client that asks for nothing by name hears all.
    .header('access-control-allow-headers', (asked === '' ? ALLOWED_HEADERS : allowed).join(', '))
    .header('access-control-max-age', PREFLIGHT_SECONDS);
}

function isReadable(reply: FastifyReply): boolean {
  const type = reply.getHeader('content-type');
  // An answer without a body has nothing to hide.
  return type === undefined || /^application\/(graphql-response\+)?json\b/.test(String(type));
}
