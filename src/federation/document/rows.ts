import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { DomainError } from '../../core/errors.js';

/** The largest Int of GraphQL. */
const MAX_INT = 2 ** 31 - 1;

/** An operation ready to be counted: what Apollo has resolved of a request. */
export interface CountedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Counts the rows that an operation asks for at most: each field with a `first` argument is that
 * many of whatever stands below it, whether the number is written, a variable, or the default.
 * `_entities` is as many as it has representations, `nodes` as many as it has ids.
 *
 * @throws DomainError BAD_INPUT {argument, least} for a page of no rows: each row above it would refuse it.
 */
export function countAskedRows(counted: CountedOperation): number {
  const { schema, document, operation } = counted;
  const numbers = numbersOf(counted);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  // Each fragment is counted once: spreads of spreads would otherwise double at every step.
  const countedFragments = new Map<string, number>();

  function countFragment(name: string): number {
    const known = countedFragments.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    countedFragments.set(name, 0);
    const rows = countSelections(
      fragment.selectionSet,
      schema.getType(fragment.typeCondition.name.value) as GraphQLOutputType | undefined,
    );
    countedFragments.set(name, rows);
    return rows;
  }

  function countSelections(set: SelectionSetNode, type: GraphQLOutputType | undefined): number {
    let rows = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) rows += countFragment(selection.name.value);
      else if (selection.kind === Kind.FIELD) rows += countField(selection, type);
      else {
        const condition = selection.typeCondition?.name.value;
        const narrowed = condition === undefined ? type : schema.getType(condition);
        rows += countSelections(selection.selectionSet, narrowed as GraphQLOutputType | undefined);
      }
    }
    return rows;
  }

  function countField(node: FieldNode, parent: GraphQLOutputType | undefined): number {
    if (node.selectionSet === undefined || node.name.value.startsWith('__')) return 0;
    const named = parent === undefined ? undefined : getNamedType(parent);
    const field =
      isObjectType(named) || isInterfaceType(named)
        ? named.getFields()[node.name.value]
        : undefined;
    const below = field === undefined ? undefined : getNamedType(field.type);
    const first = field?.args.find(({ name }) => name === 'first');
    const rows = countSelections(node.selectionSet, isCompositeType(below) ? below : undefined);
    const items = itemsAskedFor(node, field, counted);
    if (items !== undefined) return items * (1 + rows);
    if (first === undefined) return rows;
    return pageOf(node, first.defaultValue, numbers) * (1 + rows);
  }

  const root = schema.getRootType(operation.operation) ?? undefined;
  return countSelections(operation.selectionSet, root);
}

/** What an operation's variables stand for: as given, or the whole numbers of their defaults. */
function numbersOf({ operation, variables }: CountedOperation): ReadonlyMap<string, unknown> {
  const numbers = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue?.kind !== Kind.INT) continue;
    numbers.set(variable.name.value, Number(defaultValue.value));
  }
  for (const [name, value] of Object.entries(variables)) numbers.set(name, value);
  return numbers;
}

function pageOf(
  node: FieldNode,
  byDefault: unknown,
  numbers: ReadonlyMap<string, unknown>,
): number {
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  const size =
    given?.kind === Kind.INT
      ? Number(given.value)
      : given?.kind === Kind.VARIABLE
        ? (numbers.get(given.name.value) ?? byDefault)
        : byDefault;
  // What is no Int is refused where variables are read.
  if (typeof size !== 'number' || size > MAX_INT) return 1;
  if (size <= 0) throw new DomainError('BAD_INPUT', { argument: 'first', least: 1 });
  return size;
}

/** What a field that is asked for many by name has a list of; undefined for every other field. */
function itemsAskedFor(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  counted: CountedOperation,
): number | undefined {
  if (node.name.value === '_entities') return representationsOf(node, counted);
  const takesIds = field?.args.some(({ name }) => name === 'ids');
  return takesIds ? itemsOfArgument('ids', node, counted) : undefined;
}

/** The representations of an `_entities` field. */
export function representationsOf(node: FieldNode, asked: CountedOperation): number {
  return itemsOfArgument('representations', node, asked);
}

/** The items of a list argument, written, in a variable or by the variable's default. */
function itemsOfArgument(argument: string, node: FieldNode, asked: CountedOperation): number {
  const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
  if (value?.kind !== Kind.VARIABLE) return itemsOf(value);
  const name = value.name.value;
  const given = Object.hasOwn(asked.variables, name) ? asked.variables[name] : undefined;
  if (given !== undefined) return Array.isArray(given) ? given.length : 1;
  const definitions = asked.operation.variableDefinitions ?? [];
  return itemsOf(definitions.find(({ variable }) => variable.name.value === name)?.defaultValue);
}

/** GraphQL takes one item for a list of it. */
function itemsOf(value: ValueNode | undefined): number {
  return value?.kind === Kind.LIST ? value.values.length : 1;
}
