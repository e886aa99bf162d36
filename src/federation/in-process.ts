import type { ApolloServer } from '@apollo/server';
import {
  execute,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { DomainError, invariant } from '../core/errors.js';
import type { RequestOrigin } from '../graph/ask.js';
import type { SubgraphContext } from '../graph/context.js';
import type { Subgraph, Supergraph } from './compose.js';
import { executeRequest } from './executor/execute.js';
import { createGraph } from './executor/graph.js';
import { createPlans } from './executor/plans.js';

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/** Each costs a sentence, and one tells what is wrong. */
const VARIABLE_ERRORS = 1;

/**
 * The supergraph as Apollo Server's gateway, over subgraphs in this very process: no hop between domains
 * leaves it.
 *
 * @param supergraph - the composition of these subgraphs, by whichever composer of the standard.
 */
export function createInProcessGateway(
  subgraphs: readonly Subgraph[],
  supergraph: Pick<Supergraph, 'supergraphSdl' | 'apiSdl'>,
): Gateway {
  const { supergraphSdl } = supergraph;
  const graph = createGraph(subgraphs, supergraph);
  return {
    onSchemaLoadOrUpdate(onSchema) {
      onSchema({ apiSchema: graph.apiSchema, coreSupergraphSdl: supergraphSdl });
      return () => undefined;
    },
    async load() {
      const schemaOf = schemasByName(subgraphs);
      const plans = createPlans(supergraphSdl, schemaOf);
      const executor: GatewayExecutor = async ({ document, operation, request, context }) => {
        // Apollo still runs a request that names no operation, to learn the sentence of its refusal.
        if (operation === undefined) return { errors: [new GraphQLError('Unknown operation.')] };
        const variables = request.variables ?? {};
        const errors = variableErrors(graph.apiSchema, operation, variables);
        if (errors !== undefined) return { errors };
        // What changes something is done to its end, even if its client has left.
        const isQuery = operation.operation === 'query';
        const { opened } = context as Partial<SubgraphContext<RequestOrigin>>;
        const signal = isQuery ? opened?.signal : undefined;
        const contextValue = isQuery ? context : { ...context, opened: { ...opened, signal } };
        try {
          return await executeRequest(graph, plans, {
            document,
            operation,
            variables,
            signal,
            ask: (subgraph, asked, variableValues) =>
              execute({
                schema: schemaOf(subgraph),
                document: asked,
                variableValues,
                contextValue,
              }),
          });
        } catch (thrown) {
          if (signal?.aborted) return { errors: [unheard(thrown)] };
          throw thrown;
        }
      };
      return { executor };
    },
    stop: async () => undefined,
  };
}

/** A supergraph names a subgraph as its graph's enum value does: in capitals, other signs as `_`. */
function schemasByName(subgraphs: readonly Subgraph[]): (name: string) => GraphQLSchema {
  const plain = (name: string) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  const schemas = new Map<string, GraphQLSchema>(
    subgraphs.map(({ name, schema }) => [plain(name), schema]),
  );
  return (name) => {
    const schema = schemas.get(plain(name));
    invariant(schema !== undefined, `the supergraph names no other subgraph: ${name}`);
    return schema;
  };
}

/** Told before anything runs, with the variable's name and its place, whichever scalar refused it. */
function variableErrors(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] | undefined {
  const { errors } = getVariableValues(schema, variableDefinitions, variables, {
    maxErrors: VARIABLE_ERRORS,
  });
  const [error] = errors ?? [];
  if (error === undefined) return undefined;
  const { message, nodes = [] } = error;
  return [new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })];
}

/** What stopped because its client left is no fault, and nobody hears of it. */
function unheard(cause: unknown): GraphQLError {
  const originalError = new DomainError('REQUEST_TIMEOUT', {}, cause);
  return new GraphQLError(originalError.message, { originalError });
}
