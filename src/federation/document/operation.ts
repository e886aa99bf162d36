import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  separateOperations,
  visit,
} from 'graphql';
import { DomainError, type ErrorFacts } from '../../core/errors.js';
import { statusOf } from '../http-errors.js';
import { MAX_LIST_ITEMS, MAX_ROWS } from './limits.js';
import { measureDocument } from './measure.js';
import { rootFieldsOf } from './root-fields.js';
import { type CountedOperation, countAskedRows, representationsOf } from './rows.js';

/**
 * Refuses what no node should be asked: an operation of a kind that this graph does not have, the schema
 * many times over, too many entities or rows. What is refused here is a fault of the caller's wherever it
 * would have been noticed later.
 */
export function operationPlugin(mostRepresentations: number): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const variables = request.variables ?? {};
        // Apollo itself refuses a request that names no operation of its document.
        if (operation === undefined) return;
        requireRootType(schema, operation);
        requireOwnVariables(operation, variables);
        requireFewIntrospections(document, operation);
        const counted = { schema, document, operation, variables };
        requireFewRepresentations(counted, mostRepresentations);
        requireFewItems(counted);
        requireFewRows(counted);
      },
    }),
  };
}

function requireRootType(schema: GraphQLSchema, operation: OperationDefinitionNode): void {
  if (schema.getRootType(operation.operation)) return;
  refuse(operation, 'BAD_INPUT', { operation: operation.operation });
}

/**
 * graphql-js keeps variables in a plain object: one that is absent, and called as what each object has, would
 * be that there.
 */
function requireOwnVariables(
  operation: OperationDefinitionNode,
  variables: CountedOperation['variables'],
): void {
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (!(name in Object.prototype) || Object.hasOwn(variables, name)) continue;
    if (defaultValue === undefined) refuse(operation, 'BAD_INPUT', { variable: name });
  }
}

/** The whole schema again for each alias within an introspection: no tool asks for that. */
function requireFewIntrospections(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): void {
  const fields = rootFieldsOf(document, operation);
  const selections = fields.filter(({ name }) => ['__schema', '__type'].includes(name.value));
  const [introspection] = selections;
  if (introspection === undefined) return;
  const asked = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  const ofFragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const whole = { ...document, definitions: [asked, ...ofFragments] };
  // Without the fragments of sibling fields, whose aliases do not count here.
  const [own = whole] = Object.values(separateOperations(whole));
  const { aliases } = measureDocument(own);
  if (aliases > 0) refuse(introspection, 'INPUT_TOO_LARGE', { aliases, most: 0 });
}

/** Entities that a document asks a subgraph for, over all its `_entities` fields. */
function requireFewRepresentations(counted: CountedOperation, most: number): void {
  const { document, operation } = counted;
  let representations = 0;
  visit(document, {
    Field(node) {
      if (node.name.value === '_entities') representations += representationsOf(node, counted);
    },
  });
  if (representations <= most) return;
  refuse(operation, 'INPUT_TOO_LARGE', { representations, most });
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
  let rows: number;
  try {
    rows = countAskedRows(counted);
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    refuse(counted.operation, 'BAD_INPUT', thrown.facts);
  }
  if (rows <= MAX_ROWS) return;
  refuse(counted.operation, 'INPUT_TOO_LARGE', { rows, most: MAX_ROWS });
}

function refuse(
  node: OperationDefinitionNode | FieldNode,
  code: 'BAD_INPUT' | 'INPUT_TOO_LARGE',
  facts: ErrorFacts,
): never {
  const originalError = new DomainError(code, facts);
  throw new GraphQLError(originalError.message, {
    nodes: [node],
    originalError,
    extensions: { http: { status: statusOf(code) } },
  });
}
