import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../core/errors.js';
import { type Landing, renderExplorer, renderSandbox } from './landing.js';

export interface PagesOptions {
  /** @param persona - as the URL names it; see GatewayOptions. */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  readonly pageHosts?: readonly string[];
}

/** For a visitor who may be anybody's page. */
const PUBLIC_LANDING: Landing = {
  document: `query Network {
  network { epoch institutions { id name roles status } }
}
`,
  headers: {},
};

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Adds the pages for people: Apollo Sandbox where a browser opens /graphql, and the explorer that
 * needs no network. In the pilot both carry a token, and one a participant's secret, so neither may
 * be read by another site: they have no CORS header, and under a host name that is not ours they
 * are filled in with nothing of anybody's. Without that a page of an attacker's, whose name suddenly
 * resolves to this machine, could read them.
 */
export function addPages(app: FastifyInstance, { landing, pageHosts = [] }: PagesOptions): void {
  const hosts = new Set([...LOOPBACK, ...pageHosts]);

  async function landingFor(request: FastifyRequest): Promise<Landing> {
    return hosts.has(request.hostname) ? landing(personaIn(request)) : PUBLIC_LANDING;
  }

  const send = (reply: FastifyReply, html: string) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
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
  // Requesters send a token, never a cookie, so any site's page may ask in its own visitor's name.
  app.options('/graphql', (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-origin', '*')
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', 'authorization, content-type')
      .header('access-control-max-age', '600')
      .send(),
  );
}

/** A browser's own navigation: it accepts HTML, and a query is not in the URL. */
function asksForPage({ method, url, query, headers }: FastifyRequest): boolean {
  const [path] = url.split('?', 1);
  const asksQuery = Object.hasOwn(query as object, 'query');
  return (
    method === 'GET' &&
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
