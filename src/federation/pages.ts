import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addAssets } from './explorer/assets.js';
import type { Landing } from './explorer/landing.js';
import { PAGE_HEADERS } from './explorer/markup.js';
import { type ReadyOperation, readyOperations } from './explorer/operations.js';
import { renderExplorer } from './explorer/page.js';
import { addPersonaRoutes } from './explorer/persona-routes.js';
import type { Persona, Personas } from './explorer/personas.js';
import { addReferences } from './explorer/reference.js';
import { renderSandbox } from './explorer/sandbox.js';
import { sandboxHeaders } from './explorer/sandbox-policy.js';
import { renderUnknownPersona } from './explorer/unknown-persona.js';
import { isPersonaVisit } from './explorer/visitor.js';

export interface PagesOptions {
  /** @param persona - one of the personas; see GatewayOptions. */
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  readonly personas?: Personas | undefined;
}

/** For a visitor who may be anybody's page. */
const PUBLIC_LANDING: Landing = {
  document: `query Network {
  network { epoch institutions { id name roles status } }
}
`,
  headers: {},
};

/** Whose page is asked for. */
interface Visit {
  readonly landing: Landing;
  /** Only in the pilot, and of a visitor on this machine. */
  readonly persona?: Persona | undefined;
}

/**
 * Adds the pages for people: Apollo Sandbox where a browser opens /graphql, and the explorer that
 * needs no network. In the pilot both carry a token, and one a participant's secret, so neither may
 * be read by another site, from another machine or by a script of ours or Sandbox's: HTML has no CORS
 * header, and for everybody but a visitor on this machine, whose browser opens them as a page, they are
 * filled in with nothing of anybody's.
 */
export function addPages(app: FastifyInstance, apiSdl: string, options: PagesOptions): void {
  const { personas } = options;
  const pageKey = randomBytes(24).toString('base64url');
  let operations: readonly ReadyOperation[] | undefined;

  /** Undefined if the URL names a persona that is not there. */
  async function visitOf(request: FastifyRequest): Promise<Visit | undefined> {
    if (!isPersonaVisit(request)) return { landing: PUBLIC_LANDING };
    const name = namedIn(request);
    const all = personas?.all ?? [];
    const persona = name === undefined ? all[0] : all.find((one) => one.name === name);
    if (name !== undefined && persona === undefined) return undefined;
    return { landing: await options.landing(name), persona };
  }

  async function send(
    reply: FastifyReply,
    path: string,
    render: (visit: Visit) => string | Promise<string>,
  ): Promise<FastifyReply> {
    const visit = await visitOf(reply.request);
    if (visit !== undefined) return reply.send(await render(visit));
    const page = renderUnknownPersona(path, personas?.all ?? []);
    return reply.code(404).headers(PAGE_HEADERS).send(page);
  }

  app.get('/', (request, reply) => reply.redirect(urlFor('/graphql', namedIn(request))));
  app.get('/explorer', (request, reply) =>
    send(reply, '/explorer', ({ landing, persona }) => {
      operations ??= readyOperations();
      void reply.headers(PAGE_HEADERS);
      const sandboxUrl = urlFor('/graphql', namedIn(request));
      const pilot = personas && persona ? { personas, persona, pageKey } : undefined;
      return renderExplorer({ landing, operations, sandboxUrl, ...(pilot && { pilot }) });
    }),
  );
  app.addHook('onRequest', async (request, reply) => {
    if (!asksForPage(request)) return;
    await send(reply, '/graphql', async ({ landing, persona }) => {
      const explorerUrl = urlFor('/explorer', namedIn(request));
      const page = await renderSandbox(landing, { explorerUrl, persona });
      void reply.headers(sandboxHeaders(page, request.headers.host ?? ''));
      return page;
    });
  });
  addAssets(app);
  addReferences(app, apiSdl);
  if (personas !== undefined) addPersonaRoutes(app, personas, pageKey);
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

/** The persona that the URL names; of several, none that is there. */
function namedIn({ query }: FastifyRequest): string | undefined {
  const { persona } = query as { readonly persona?: string | readonly string[] };
  return persona === undefined || typeof persona === 'string' ? persona : persona.join(' ');
}

function urlFor(path: string, persona: string | undefined): string {
  return persona === undefined ? path : `${path}?persona=${encodeURIComponent(persona)}`;
}
