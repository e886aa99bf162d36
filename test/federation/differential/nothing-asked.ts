import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  type SelectionSetNode,
} from 'graphql';
import { createCollector } from '../valid-answer/collected.js';
import type { Operation } from './operations.js';

/**
 * Whether a field is selected, and nothing of it: every fragment below it is for types that it cannot be
 * of, or left out. Its object is empty, whatever it is.
 */
export function asksForNothing(
  schema: GraphQLSchema,
  { document, variables }: Operation,
  path: readonly (string | number)[],
): boolean {
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return false;
  const { coerced = {} } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variables,
  );
  const collector = createCollector(schema, document, coerced);
  const fieldsOf = (types: readonly GraphQLObjectType[], sets: readonly SelectionSetNode[]) =>
    types.map((type) => [type, collector.fieldsOf(type, sets)] as const);

  let types: readonly GraphQLObjectType[] = [root];
  let sets: readonly SelectionSetNode[] = [operation.selectionSet];
  for (const key of path) {
    if (typeof key === 'number') continue;
    const found = fieldsOf(types, sets).flatMap(([type, fields]) => {
      const nodes = fields.get(key);
      return nodes === undefined ? [] : [{ below: typeBelow(type, nodes), nodes }];
    });
    const below = found.map((one) => one.below).find((type) => type !== undefined);
    if (below === undefined) return false;
    types = isAbstractType(below) ? schema.getPossibleTypes(below) : [below as GraphQLObjectType];
    sets = found.flatMap(({ nodes }) => nodes.flatMap(({ selectionSet }) => selectionSet ?? []));
  }
  return fieldsOf(types, sets).every(([, fields]) => fields.size === 0);
}

function typeBelow(
  parent: GraphQLObjectType,
  [node]: readonly FieldNode[],
): GraphQLCompositeType | undefined {
  const type = parent.getFields()[node?.name.value ?? '']?.type;
  const named = type === undefined ? undefined : getNamedType(type);
  return isCompositeType(named) ? named : undefined;
}
