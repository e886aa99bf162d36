import type { ApolloServer } from '@apollo/server';
import { Logger as RouterLogger } from '@graphql-hive/logger';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { UnifiedGraphManager } from '@graphql-mesh/fusion-runtime';
import type { Transport } from '@graphql-mesh/transport-common';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { DomainError, invariant } from '../core/errors.js';
import type { Requester } from '../graph/ask.js';
import type { SubgraphContext } from '../graph/context.js';
import type { Subgraph, Supergraph } from './compose.js';
import { leavesNothing } from './document/left-out.js';

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/**
 * The supergraph as Apollo Server's gateway, run by the router runtime over subgraphs in this very
 * process: its transport executes their schemas, so no hop between domains leaves the process.
 */
export function createInProcessGateway(
  subgraphs: readonly Subgraph[],
  { supergraphSdl, apiSdl }: Supergraph,
): Gateway {
  const manager = new UnifiedGraphManager<object>({
    getUnifiedGraph: () => supergraphSdl,
    handleUnifiedGraph: unifiedGraphHandler,
    transports: { http: inProcessTransport(subgraphs) },
    transportContext: { log: new RouterLogger({ level: false }) } as never,
    // Batching rewrites documents to save hops over a network: here there is none to save.
    batch: false,
  });

  return {
    onSchemaLoadOrUpdate(onSchema) {
      const apiSchema = withScalarsOf(subgraphs, buildSchema(apiSdl));
      onSchema({ apiSchema, coreSupergraphSdl: supergraphSdl });
      return () => undefined;
    },
    async load() {
      const run = await manager.getExecutor();
      invariant(run !== undefined, 'the router runtime executes the supergraph');
      const executor: GatewayExecutor = async (requestContext) => {
        const { document, operation, operationName, request, context } = requestContext;
        // Apollo still runs a request that names no operation, to learn the sentence of its refusal.
        if (operation === undefined) return { errors: [new GraphQLError('Unknown operation.')] };
        const variables = request.variables ?? {};
        // What changes something is done to its end, even if its client has left.
        const isQuery = operation.operation === 'query';
        const { opened } = context as Partial<SubgraphContext<Requester>>;
        const signal = isQuery ? opened?.signal : undefined;
        const carried = isQuery ? context : { ...context, opened: { ...opened, signal } };
        if (leavesNothing({ document, operation, variables })) return { data: {} };
        try {
          const result = await run({
            document,
            variables,
            ...(operationName === null ? {} : { operationName }),
            context: carried,
            ...(signal === undefined ? {} : { signal }),
          });
          return result as Awaited<ReturnType<GatewayExecutor>>;
        } catch (thrown) {
          if (signal?.aborted) return { errors: [unheard(thrown)] };
          return { errors: errorsOf(thrown) };
        }
      };
      return { executor };
    },
    stop: async () => manager[Symbol.asyncDispose](),
  };
}

/**
 * Gives an API schema built from text the scalars that the subgraphs check values with: otherwise
 * it would take any literal, and the subgraph's refusal of it would look like a fault of ours.
 */
function withScalarsOf(subgraphs: readonly Subgraph[], api: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(api.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    for (const { schema } of subgraphs) {
      const known = schema.getType(type.name);
      if (!isScalarType(known)) continue;
      type.parseValue = known.parseValue;
      type.parseLiteral = known.parseLiteral;
    }
  }
  return api;
}

function inProcessTransport(subgraphs: readonly Subgraph[]): Transport {
  const schemas = new Map<string, Subgraph['schema']>(
    subgraphs.map(({ name, schema }) => [name.toUpperCase(), schema]),
  );
  return {
    getSubgraphExecutor({ subgraphName }) {
      const schema = schemas.get(subgraphName.toUpperCase());
      invariant(schema !== undefined, `the supergraph names no other subgraph: ${subgraphName}`);
      return ({ document, variables, operationName, context }) =>
        execute({
          schema,
          document,
          variableValues: variables ?? null,
          operationName: operationName ?? null,
          contextValue: context,
        }) as never;
    },
  };
}

/** What stopped because its client left is no fault, and nobody hears of it. */
function unheard(cause: unknown): GraphQLError {
  const originalError = new DomainError('REQUEST_TIMEOUT', {}, cause);
  return new GraphQLError(originalError.message, { originalError });
}

/** The runtime throws several variable errors as one AggregateError. */
function errorsOf(thrown: unknown): readonly GraphQLError[] {
  const all: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  return all.map((error) =>
    error instanceof GraphQLError
      ? error
      : new GraphQLError('execution failed', { originalError: error as Error }),
  ) satisfies ExecutionResult['errors'];
}
