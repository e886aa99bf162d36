import { composeServices } from '@apollo/composition';
import { Supergraph as ApolloSupergraph } from '@apollo/federation-internals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLFormattedError, type GraphQLSchema, parse, printSchema } from 'graphql';
import { createApollo } from '../../../src/federation/apollo.js';
import { composeSubgraphs, type Subgraph } from '../../../src/federation/compose.js';
import { createInProcessGateway } from '../../../src/federation/in-process.js';
import { loggerInto } from '../../support/network/stand.js';

/** A subgraph of a test: what it has, and what it answers. */
export interface Part {
  readonly typeDefs: string;
  readonly resolvers?: Readonly<Record<string, unknown>>;
}

export type Parts = Readonly<Record<string, Part>>;

type Composed = Awaited<ReturnType<typeof composeSubgraphs>>;
export type Compose = (
  subgraphs: readonly Subgraph[],
) => Promise<Pick<Composed, 'supergraphSdl' | 'apiSdl'>>;

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible", "@interfaceObject"
])\n`;

function subgraphsOf(parts: Parts): readonly Subgraph[] {
  return Object.entries(parts).map(([name, { typeDefs, resolvers = {} }]) => ({
    name: name as Subgraph['name'],
    schema: buildSubgraphSchema([
      { typeDefs: parse(LINK + typeDefs), resolvers: resolvers as never },
    ]) as GraphQLSchema,
  }));
}

/** The reference implementation of composition. Under the Elastic License 2.0, so for tests alone. */
export const composeWithApollo: Compose = async (subgraphs) => {
  const { subgraphSdl } = await sdlOf(subgraphs);
  const { supergraphSdl, errors } = composeServices(
    subgraphSdl.map(([name, sdl]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join());
  const api = ApolloSupergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  return { supergraphSdl, apiSdl: printSchema(api) };
};

async function sdlOf(subgraphs: readonly Subgraph[]) {
  const { execute } = await import('graphql');
  const document = parse('{ _service { sdl } }');
  return {
    subgraphSdl: await Promise.all(
      subgraphs.map(async ({ name, schema }) => {
        const { data } = await execute({ schema, document });
        return [name, (data as { _service: { sdl: string } })._service.sdl] as const;
      }),
    ),
  };
}

export interface Answered {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface Graph {
  ask(query: string, variables?: Record<string, unknown>, context?: object): Promise<Answered>;
  /** What was logged since it was last asked. */
  readonly lines: string[];
}

/** A gateway over these subgraphs, with all that the product's own has but HTTP. */
export async function graphOf(parts: Parts, compose: Compose = composeSubgraphs): Promise<Graph> {
  const subgraphs = subgraphsOf(parts);
  return graphOver(subgraphs, await compose(subgraphs));
}

export async function graphOver(
  subgraphs: readonly Subgraph[],
  supergraph: Awaited<ReturnType<Compose>>,
): Promise<Graph> {
  const lines: string[] = [];
  const gateway = createInProcessGateway(subgraphs, supergraph as Composed);
  const apollo = createApollo<object>({ gateway }, loggerInto(lines));
  await apollo.start();
  return {
    lines,
    async ask(query, variables = {}, context = {}) {
      const contextValue = { opened: {}, requestId: '', ...context };
      const { body, http } = await apollo.executeOperation({ query, variables }, { contextValue });
      if (body.kind !== 'single') throw new Error('one answer');
      // As it goes over the wire.
      const { data, errors } = JSON.parse(JSON.stringify(body.singleResult));
      return { status: http.status ?? 200, data, ...(errors === undefined ? {} : { errors }) };
    },
  };
}
