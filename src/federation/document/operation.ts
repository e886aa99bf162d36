import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { DomainError, type ErrorFacts } from '../../core/errors.js';
import { statusOf } from '../http-errors.js';
import { MAX_LIST_ITEMS, MAX_REPRESENTATIONS, MAX_ROWS } from './limits.js';
import { measureDocument } from './measure.js';
import { rootFieldsOf } from './root-fields.js';
import { type CountedOperation, countRows, representationsOf } from './rows.js';

/** Each costs a sentence, and one tells what is wrong. */
const VARIABLE_ERRORS = 10;

/**
 * Refuses what no node should be asked: an operation of a kind that this graph does not have,
 * variables that do not fit, too many entities or rows. What is refused here is a fault of the
 * caller's wherever it would have been noticed later.
 */
export function operationPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const variables = request.variables ?? {};
        // Apollo itself refuses a request that names no operation of its document.
        if (operation === undefined) return;
        requireRootType(schema, operation);
        requireIntrospectionAlone(document, operation);
        const counted = { schema, document, operation, variables };
        requireFewRepresentations(counted);
        requireFewItems(counted);
        requireFittingVariables(counted);
        requireFewRows(counted);
      },
    }),
  };
}

function requireRootType(schema: GraphQLSchema, operation: OperationDefinitionNode): void {
  if (schema.getRootType(operation.operation)) return;
  refuse(operation, 'BAD_INPUT', { operation: operation.operation });
}

/** The router plans what it asks of subgraphs or what it answers itself, and never both in one operation. */
function requireIntrospectionAlone(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): void {
  const fields = rootFieldsOf(document, operation);
  const isOurs = ({ name }: FieldNode) => ['__schema', '__type'].includes(name.value);
  const introspection = fields.find(isOurs);
  const isMixed = fields.some((field) => !isOurs(field) && field.name.value !== '__typename');
  if (introspection === undefined) return;
  if (isMixed) refuse(introspection, 'BAD_INPUT', { besideOthers: introspection.name.value });
  // The whole schema again for each: no tool asks for that.
  const ofFragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const asked = { ...document, definitions: [operation, ...ofFragments] };
  const { aliases } = measureDocument(asked);
  if (aliases > 0) refuse(introspection, 'INPUT_TOO_LARGE', { aliases, most: 0 });
}

/** Entities that a document asks a subgraph for, over all its `_entities` fields. */
function requireFewRepresentations(counted: CountedOperation): void {
  const { document, operation } = counted;
  let representations = 0;
  visit(document, {
    Field(node) {
      if (node.name.value === '_entities') representations += representationsOf(node, counted);
    },
  });
  if (representations <= MAX_REPRESENTATIONS) return;
  refuse(operation, 'INPUT_TOO_LARGE', { representations, most: MAX_REPRESENTATIONS });
}

/** Each item is read by its scalar, here and wherever the variables go. */
function requireFewItems({ operation, variables }: CountedOperation): void {
  let items = 0;
  const left: unknown[] = [variables];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const within = Object.values(value);
    if (Array.isArray(value)) items += within.length;
    if (items > MAX_LIST_ITEMS) break;
    for (const one of within) if (typeof one === 'object' && one !== null) left.push(one);
  }
  if (items <= MAX_LIST_ITEMS) return;
  refuse(operation, 'INPUT_TOO_LARGE', { measure: 'items', most: MAX_LIST_ITEMS });
}

function requireFewRows(counted: CountedOperation): void {
  const rows = countRows(counted);
  if (rows <= MAX_ROWS) return;
  refuse(counted.operation, 'INPUT_TOO_LARGE', { rows, most: MAX_ROWS });
}

/** The router reads variables in another way, and says neither a place nor whose fault it was. */
function requireFittingVariables({ schema, operation, variables }: CountedOperation): void {
  const definitions = operation.variableDefinitions ?? [];
  const { errors } = getVariableValues(schema, definitions, variables, {
    maxErrors: VARIABLE_ERRORS,
  });
  const [error] = errors ?? [];
  if (error === undefined) return;
  throw new GraphQLError(error.message, {
    ...{ nodes: error.nodes ?? [operation], originalError: error },
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

function refuse(
  node: OperationDefinitionNode | FieldNode,
  code: 'BAD_INPUT' | 'INPUT_TOO_LARGE',
  facts: ErrorFacts,
): never {
  const originalError = new DomainError(code, facts);
  throw new GraphQLError(originalError.message, {
    ...{ nodes: [node], originalError },
    extensions: { http: { status: statusOf(code) } },
  });
}
