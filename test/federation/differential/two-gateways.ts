import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import {
  buildSchema,
  execute,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
  print,
} from 'graphql';
import { createApollo } from '../../../src/federation/apollo.js';
import { composeSubgraphs, type Subgraph } from '../../../src/federation/compose.js';
import { usualServerLimits } from '../../../src/federation/http/server-limits.js';
import type { RequestOrigin } from '../../../src/graph/ask.js';
import type { SubgraphContext } from '../../../src/graph/context.js';
import { gatewayKey, startGateway, tokenFor } from '../../support/federation/stand.js';
import { loggerInto, SILENT } from '../../support/network/stand.js';
import { takeFaults } from '../valid-answer/held.js';
import type { Operation } from './operations.js';
import { INSTITUTIONS, toldDomains } from './told-nodes.js';

/** What a client gets, as JSON. */
export interface Answered {
  /** What stands in the log as a fault of the gateway's own. */
  readonly fault?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** The same graph, answered twice. */
export interface TwoGateways {
  readonly api: GraphQLSchema;
  /** This project's gateway, over HTTP as in production. */
  ours(operation: Operation, world: number): Promise<Answered>;
  /** Apollo Server and `@apollo/gateway`, over the same subgraphs in this process. */
  theirs(operation: Operation, world: number): Promise<Answered>;
  /** What the stand itself could not read. */
  readonly unread: () => readonly string[];
  stop(): Promise<void>;
}

/** Starts both. Worlds, and so answers, are decided by numbers: nothing is asked over a network. */
export async function startTwoGateways(): Promise<TwoGateways> {
  const [ourDomains, theirDomains] = [toldDomains(), toldDomains()];
  const { supergraphSdl, apiSdl } = await composeSubgraphs(theirDomains.subgraphs);
  const lines: string[] = [];
  const token = await tokenFor(gatewayKey.thumbprint);
  const app = await startGateway(INSTITUTIONS, {
    subgraphs: ourDomains.subgraphs,
    logger: loggerInto(lines),
    limits: {
      ...usualServerLimits('gateway'),
      // Thousands from one client, on a machine that has other work.
      requestsPerMinuteByHolder: 1e9,
      eventLoopDelayMs: 0,
      heapBytes: 0,
      residentBytes: 0,
    },
  });
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => localSource(theirDomains.subgraphs, name),
    logger: SILENT,
  });
  const apollo = createApollo<SubgraphContext<RequestOrigin>>(
    { gateway: gateway as never },
    loggerInto(lines),
  );
  await apollo.start();

  return {
    api: buildSchema(apiSdl),
    unread: () => [...ourDomains.unread, ...theirDomains.unread],
    async ours({ document, variables }, world) {
      ourDomains.begin(world);
      lines.length = 0;
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        remoteAddress: addressOf(world),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        payload: JSON.stringify({ query: print(document), variables }),
      });
      return { ...(JSON.parse(response.body) as Answered), fault: faultIn(lines) };
    },
    async theirs({ document, variables }, world) {
      theirDomains.begin(world);
      lines.length = 0;
      const caller = { token, requestId: '', caller: '', address: addressOf(world) };
      const { body } = await apollo.executeOperation(
        { query: print(document), variables: JSON.parse(JSON.stringify(variables)) },
        { contextValue: { opened: caller, requestId: '' } },
      );
      // Its answers are held to nothing: they are what ours are compared with.
      takeFaults();
      if (body.kind !== 'single') throw new Error('one answer');
      const { data, errors } = JSON.parse(JSON.stringify(body.singleResult)) as Answered;
      return { data, errors, fault: faultIn(lines) } as Answered;
    },
    async stop() {
      await app.close();
      await apollo.stop();
    },
  };
}

/** Each operation comes from an address of its own: no limit of one address is met. */
function addressOf(world: number): string {
  return `10.${(world >> 16) & 255}.${(world >> 8) & 255}.${world & 255}`;
}

/** The message of the first error that was logged as the gateway's own fault. */
export function faultIn(lines: readonly string[]): string | undefined {
  const errors = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
  return errors[0]?.err?.message;
}

function localSource(subgraphs: readonly Subgraph[], name: string): GraphQLDataSource {
  const schema = subgraphs.find((subgraph) => subgraph.name === name)?.schema;
  if (schema === undefined) throw new Error(`no subgraph ${name}`);
  return {
    process: async ({ request, context }) => {
      const document = parse(request.query ?? '');
      const variableValues = request.variables ?? {};
      return (await execute({ schema, document, variableValues, contextValue: context })) as never;
    },
  };
}
