import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type ObjectValueNode,
  type OperationDefinitionNode,
  typeFromAST,
  type ValueNode,
} from 'graphql';

/** Values as JSON carries them, not as resolvers get them. */
export type JsonValues = Readonly<Record<string, unknown>>;

/** An operation's variables as the caller gave them, and the defaults of those that were not given. */
export function variablesOf(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: JsonValues,
): JsonValues {
  // Without a prototype, so that a caller's name cannot match an inherited property.
  const variables: Record<string, unknown> = Object.assign(Object.create(null), given);
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    const known = typeFromAST(schema, type);
    if (variables[name] !== undefined || defaultValue === undefined || !isInputType(known))
      continue;
    variables[name] = jsonOf(defaultValue, known, {});
  }
  return variables;
}

/**
 * What a field is given, by argument: each value as JSON, so that a subgraph gets it in a variable
 * and the planner never reads it. Absent arguments stay absent: the subgraph has the same defaults.
 *
 * @returns undefined if a value does not fit its place: the field is then null with an error, and no
 * subgraph is asked for it.
 */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  { arguments: written = [] }: FieldNode,
  variables: JsonValues,
): Readonly<Record<string, unknown>> | undefined {
  const values: Record<string, unknown> = {};
  for (const { name, type, defaultValue } of field.args) {
    const node = written.find((argument) => argument.name.value === name)?.value;
    const isAbsent = node === undefined || isAbsentVariable(node, variables);
    if (isAbsent && (defaultValue !== undefined || !isNonNullType(type))) continue;
    const value = isAbsent ? undefined : jsonOf(node, type, variables);
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return values;
}

function isAbsentVariable(node: ValueNode, variables: JsonValues): boolean {
  return node.kind === Kind.VARIABLE && variables[node.name.value] === undefined;
}

/** As graphql-js' `valueFromAST`, but to JSON: undefined where the value does not fit. */
function jsonOf(node: ValueNode, type: GraphQLInputType, variables: JsonValues): unknown {
  if (isNonNullType(type)) return jsonOf(node, type.ofType, variables) ?? undefined;
  // Its value was checked with its own type, which fits here.
  if (node.kind === Kind.VARIABLE) return variables[node.name.value];
  if (node.kind === Kind.NULL) return null;
  if (isListType(type)) {
    const itemType = type.ofType;
    if (node.kind !== Kind.LIST) return jsonOf(node, itemType, variables);
    const items = node.values.map((item) =>
      isAbsentVariable(item, variables) && !isNonNullType(itemType)
        ? null
        : jsonOf(item, itemType, variables),
    );
    return items.includes(undefined) ? undefined : items;
  }
  if (isInputObjectType(type)) {
    return node.kind === Kind.OBJECT ? jsonObjectOf(node, type, variables) : undefined;
  }
  return leafOf(node, type, variables);
}

function jsonObjectOf(
  node: ObjectValueNode,
  type: GraphQLInputObjectType,
  variables: JsonValues,
): Readonly<Record<string, unknown>> | undefined {
  const values: Record<string, unknown> = {};
  for (const field of Object.values(type.getFields())) {
    const written = node.fields.find(({ name }) => name.value === field.name)?.value;
    if (written === undefined || isAbsentVariable(written, variables)) {
      if (isRequiredInputField(field)) return undefined;
      continue;
    }
    const value = jsonOf(written, field.type, variables);
    if (value === undefined) return undefined;
    values[field.name] = value;
  }
  return values;
}

function leafOf(node: ValueNode, type: GraphQLLeafType, variables: JsonValues): unknown {
  if (isEnumType(type)) return node.kind === Kind.ENUM ? node.value : undefined;
  return type.serialize(type.parseLiteral(node, variables)) ?? undefined;
}
