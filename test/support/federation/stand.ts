import type { FastifyInstance } from 'fastify';
import { newSession } from '../../../src/client/gateway/session.js';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import { DomainError } from '../../../src/core/errors.js';
import type { Logger } from '../../../src/core/log.js';
import { createGateway, type GatewayOptions } from '../../../src/federation/gateway.js';
import type { ServerLimits } from '../../../src/federation/http/server-limits.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph, type ServedSubgraph } from '../../../src/federation/serve-subgraph.js';
import { isComplete, type RequestOrigin } from '../../../src/graph/ask.js';
import { createBuilder, toSubgraph } from '../../../src/graph/builder.js';
import { addFederatedTypes, type Page } from '../../../src/graph/federated.js';
import { type AskedInstitution, createAskNodes } from '../../../src/network/ask-nodes.js';
import type { Institution } from '../../../src/network/model.js';
import { createProbe } from '../../../src/network/probe.js';
import type { NetworkSource } from '../../../src/network/source.js';
import { networkSubgraph } from '../../../src/network/subgraph.js';
import { institution, newGatewayKey, SILENT } from '../network/stand.js';

/** What a resolver of the small domain below does when it is asked. */
export interface Widgets<Opened> {
  list(opened: Opened, first: number): Promise<Page<{ readonly id: string }>>;
}

/**
 * A domain as small as one can be: lists that name their institutions, and fields that fail in
 * each way. It stands in for no room; it shows what the gateway does with any.
 */
export function widgetSubgraph<Opened>(source: Widgets<Opened>) {
  const builder = createBuilder<Opened>();
  const { addConnection } = addFederatedTypes(builder);
  interface Widget {
    readonly id: string;
  }
  const WidgetRef = builder.objectRef<Widget>('Widget');
  WidgetRef.implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      self: t.field({ type: WidgetRef, resolve: (widget) => widget }),
      page: t.field({
        type: [WidgetRef],
        args: { first: t.arg.int({ defaultValue: 20 }) },
        resolve: (widget) => [widget],
      }),
      secret: t.string({
        nullable: true,
        resolve: () => {
          throw new Error('connect ECONNREFUSED 10.1.2.3:5432 select * from patient');
        },
      }),
    }),
  });
  builder.asEntity(WidgetRef, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: ({ id }) => ({ id }),
  });
  const WidgetConnectionRef = addConnection('Widget', WidgetRef);
  builder.queryType({
    fields: (t) => ({
      widgets: t.field({
        type: WidgetConnectionRef,
        args: { first: t.arg.int({ defaultValue: 20 }), field: t.arg({ type: 'Field' }) },
        resolve: (_root, { first }, { opened }) => source.list(opened, first ?? 20),
      }),
      token: t.string({ nullable: true, resolve: (_r, _a, { opened }) => JSON.stringify(opened) }),
      refused: t.string({
        nullable: true,
        resolve: () => {
          throw new DomainError('CONSENT_EXPIRED', { seconds: 7 });
        },
      }),
      broken: t.string({
        nullable: true,
        resolve: () => {
          throw new Error('connect ECONNREFUSED 10.1.2.3:5432 select * from patient');
        },
      }),
    }),
  });
  builder.mutationType({ fields: (t) => ({ touch: t.boolean({ resolve: () => true }) }) });
  return toSubgraph(builder);
}

/** A node that serves the small domain over HTTP. */
export async function startWidgetNode(
  { limits, ...options }: Partial<ServedSubgraph<string>> & { readonly limits?: ServerLimits } = {},
  port = 0,
): Promise<{ readonly app: FastifyInstance; readonly endpoint: string }> {
  const app = createNodeServer({
    logger: options.logger ?? SILENT,
    health: () => ({}),
    ...(limits === undefined ? {} : { limits }),
  });
  const schema = widgetSubgraph<string>({
    list: async (_opened, first) => ({
      nodes: Array.from({ length: Math.min(first, 3) }, (_, i) => ({ id: `w${i}` })),
      hasNextPage: false,
      cursorOf: ({ id }) => id,
      sources: [],
    }),
  });
  await mountSubgraph(app, {
    path: '/trials',
    schema,
    logger: SILENT,
    open: async () => 'opened',
    ...options,
  });
  return { app, endpoint: await app.listen({ port, host: '127.0.0.1' }) };
}

export const gatewayKey = await newGatewayKey();

/** A gateway over the network subgraph and the small domain, asked over HTTP at these nodes. */
export async function startGateway(
  institutions: readonly AskedInstitution[],
  options: Partial<GatewayOptions> & { readonly logger?: Logger } = {},
): Promise<FastifyInstance> {
  const logger = options.logger ?? SILENT;
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const widgets: Widgets<RequestOrigin> = {
    async list(requester, first) {
      const answers = await ask.ask(requester, {
        subgraph: 'trials',
        maxBytes: 1_000_000,
        needsToken: true,
        document: 'query ($first: Int) { widgets(first: $first) { nodes { id } } }',
        variables: { first },
        of: { roles: ['HOSPITAL'] },
        parse: (data) => (data as { widgets: Page<{ id: string }> }).widgets.nodes,
      });
      const nodes = answers.flatMap(({ institution: id, data }) =>
        (data ?? []).map((widget) => ({ id: `${id}/${widget.id}` })),
      );
      const sources = answers.map(({ institution: id, status, latencyMs }) => ({
        institution: id,
        status,
        latencyMs,
      }));
      return { nodes, hasNextPage: !isComplete(sources), cursorOf: ({ id }) => id, sources };
    },
  };
  return createGateway({
    subgraphs: [
      { name: 'network', schema: networkSubgraph(networkOf(institutions)) },
      { name: 'trials', schema: widgetSubgraph(widgets) },
    ],
    gatewayKey,
    logger,
    version: '0.1.0',
    tokenMaxSeconds: 600,
    statements: [{ name: 'consent', verificationKeyHash: 'ab'.repeat(32) }],
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 5, late: () => [] },
    probe: createProbe(() => institutions, { logger }),
    landing: async () => ({ document: '{ network { epoch } }', headers: { authorization: 'x' } }),
    ...options,
  });
}

/** A ledger of these institutions, at rest. */
export function networkOf(institutions: readonly AskedInstitution[]): NetworkSource {
  const all: Institution[] = institutions.map(({ id, roles, status }) => ({
    id,
    name: `The ${id}`,
    roles,
    status,
    account: `0x${'0'.repeat(40)}`,
    anchoredAt: undefined,
    endpointChangesAt: undefined,
  }));
  return {
    network: () => ({
      chainId: 31_337,
      contract: '0x01',
      epoch: 5,
      root: 12n,
      anchoredAt: 2_208_988_800,
      institutions: all,
      statements: [{ name: 'consent', verificationKeyHash: 'ab'.repeat(32) }],
      parameters: { name: 'pilot', acknowledgementQuorum: 2, tokenMaxSeconds: 600 },
    }),
    institutions: (ids) => ids.map((id) => all.find((one) => one.id === id)),
  };
}

export { institution };

interface Asked {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly body: {
    readonly data?: Record<string, never> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly locations?: readonly object[];
      readonly extensions: {
        readonly code: string;
        readonly assentCode: string;
        readonly retry: string;
        readonly requestId: string;
      };
    }[];
  };
}

/** Posts a query as any client does. */
export async function post(
  app: FastifyInstance,
  query: unknown,
  more: { variables?: unknown; headers?: Record<string, string>; operationName?: string } = {},
  url = '/graphql',
): Promise<Asked> {
  const { headers = {}, ...rest } = more;
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify({ query, ...rest }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: JSON.parse(response.body),
  };
}

/** A token with both of its parts, as a requester sends it to a gateway. */
export async function tokenFor(audience: string, clock: Clock = systemClock): Promise<string> {
  const session = await newSession({ clock });
  return session.signToken({ audience, seconds: 300 });
}
