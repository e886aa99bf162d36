import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../core/errors.js';
import { isLoopbackAddress } from '../network/ip-address.js';
import { type Landing, renderExplorer, renderSandbox } from './landing.js';

export interface PagesOptions {
  /** @param persona - as the URL names it; see GatewayOptions. */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
}

/** For a visitor who may be anybody's page. */
const PUBLIC_LANDING: Landing = {
  document: `query Network {
  network { epoch institutions { id name roles status } }
}
`,
  headers: {},
};

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Adds the pages for people: Apollo Sandbox where a browser opens /graphql, and the explorer that
 * needs no network. In the pilot both carry a token, and one a participant's secret, so neither may
 * be read by another site or from another machine: HTML has no CORS header, and for everybody but
 * a visitor on this machine they are filled in with nothing of anybody's.
 */
export function addPages(app: FastifyInstance, { landing }: PagesOptions): void {
  async function landingFor(request: FastifyRequest): Promise<Landing> {
    return isVisitorHere(request) ? landing(personaIn(request)) : PUBLIC_LANDING;
  }

  const send = (reply: FastifyReply, html: string) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('x-frame-options', 'DENY')
      .send(html);

  app.get('/', (request, reply) => reply.redirect(urlFor('/graphql', personaIn(request))));
  app.get('/explorer', async (request, reply) =>
    send(reply, renderExplorer(await landingFor(request))),
  );
  app.addHook('onRequest', async (request, reply) => {
    if (!asksForPage(request)) return;
    const explorerUrl = urlFor('/explorer', personaIn(request));
    await send(reply, await renderSandbox(await landingFor(request), explorerUrl));
  });
}

/**
 * Whether the connection itself comes from this machine, wherever the gateway listens and whatever a header says of
 * an earlier hop; and under a name of this machine, or a page of an attacker's whose name suddenly resolves here
 * could read its own visitor's. Behind a proxy on this machine every visitor comes from here: then the name alone
 * tells, so a proxy must pass on the Host that it was asked under.
 */
function isVisitorHere({ socket, headers }: FastifyRequest): boolean {
  const [, name = ''] = /^(.*?)(?::\d+)?$/s.exec(headers.host ?? '') ?? [];
  return isLoopbackAddress(socket.remoteAddress) && LOOPBACK_NAMES.has(name);
}

/** What a URL has that asks for an answer. */
const ASKING = ['query', 'documentId', 'extensions'];

/** A browser's own navigation: it accepts HTML, and a query is not in the URL. */
function asksForPage({ method, url, query, headers }: FastifyRequest): boolean {
  const [path] = url.split('?', 1);
  const asksQuery = ASKING.some((name) => Object.hasOwn(query as object, name));
  return (
    (method === 'GET' || method === 'HEAD') &&
    path === '/graphql' &&
    !asksQuery &&
    (headers.accept ?? '').includes('text/html')
  );
}

/** @throws DomainError BAD_INPUT if the URL names several. */
function personaIn({ query }: FastifyRequest): string | undefined {
  const { persona } = query as { readonly persona?: string | readonly string[] };
  if (persona === undefined || typeof persona === 'string') return persona;
  throw new DomainError('BAD_INPUT', { personas: persona.length });
}

function urlFor(path: string, persona: string | undefined): string {
  return persona === undefined ? path : `${path}?persona=${encodeURIComponent(persona)}`;
}
