import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Landing, renderExplorer, renderSandbox } from './landing.js';

export interface PagesOptions {
  readonly landing: () => Promise<Landing>;
  readonly pageHosts?: readonly string[];
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Adds the pages for people: Apollo Sandbox where a browser opens /graphql, and the explorer that
 * needs no network. Both carry a token in the pilot, so neither may be read by another site: they
 * have no CORS header, and under a host name that is not ours they carry no token. Without that a
 * page of an attacker's, whose name suddenly resolves to this machine, could read it.
 */
export function addPages(app: FastifyInstance, { landing, pageHosts = [] }: PagesOptions): void {
  const hosts = new Set([...LOOPBACK, ...pageHosts]);

  async function landingFor(request: FastifyRequest): Promise<Landing> {
    const filled = await landing();
    return hosts.has(request.hostname) ? filled : { document: filled.document, headers: {} };
  }

  const send = (reply: FastifyReply, html: string) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-frame-options', 'DENY')
      .send(html);

  app.get('/', (_request, reply) => reply.redirect('/graphql'));
  app.get('/explorer', async (request, reply) =>
    send(reply, renderExplorer(await landingFor(request))),
  );
  app.addHook('onRequest', async (request, reply) => {
    if (!asksForPage(request)) return;
    await send(reply, await renderSandbox(await landingFor(request)));
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
function asksForPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && url === '/graphql' && (headers.accept ?? '').includes('text/html');
}
