import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { type CollectedFields, type Collector, createCollector } from './collected.js';

/** An operation that was carried out, and what its client got. */
export interface AnsweredOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly answer: {
    readonly data?: unknown;
    readonly errors?: readonly { readonly path?: readonly (string | number)[] | undefined }[];
  };
}

/** More than a few say no more. */
const MAX_FAULTS = 5;

/**
 * What of an answer the schema does not allow: a key that was not selected, one that is missing, out of
 * order or of another form, a null where none may be, an error at a place that has a value.
 *
 * @returns sentences with their places; none for an answer as the specification has it.
 * @source GraphQL, sections 6.4 and 7.1
 */
export function faultsOf(answered: AnsweredOperation): readonly string[] {
  const { schema, document, operation, answer } = answered;
  const { data, errors } = answer;
  if (errors !== undefined && errors.length === 0) return ['errors: an empty list'];
  if (data === undefined) return errors === undefined ? ['neither data nor errors'] : [];
  if (data === null) return errors === undefined ? ['data: null without an error'] : [];
  const root = schema.getRootType(operation.operation);
  if (!root) return ['data of an operation that the schema does not have'];
  const { coerced } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    answered.variables,
  );
  if (coerced === undefined) return ['data: the variables do not fit'];
  const walker = new Walker(schema, createCollector(schema, document, coerced));
  walker.object(root, [operation.selectionSet], data, 'data');
  const misplaced = (errors ?? []).flatMap(({ path }) => misplacedError(data, path));
  return [...walker.faults, ...misplaced].slice(0, MAX_FAULTS);
}

/** An error's path leads to a null, or into one that its null was handed up to. */
function misplacedError(data: unknown, path: readonly (string | number)[] = []): string[] {
  let value: unknown = data;
  for (const key of path) {
    if (value === null) return [];
    value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[key];
    if (value === undefined) return [`errors: no such place: ${path.join('.')}`];
  }
  return value === null || path.length === 0 ? [] : [`errors: a value at ${path.join('.')}`];
}

class Walker {
  readonly faults: string[] = [];
  readonly #schema: GraphQLSchema;
  readonly #collector: Collector;
  /** Rows of a list are of few types: what each must have is collected once. */
  readonly #collected = new WeakMap<object, Map<GraphQLObjectType, CollectedFields>>();
  readonly #below = new WeakMap<readonly FieldNode[], readonly SelectionSetNode[]>();

  constructor(schema: GraphQLSchema, collector: Collector) {
    this.#schema = schema;
    this.#collector = collector;
  }

  object(
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
    value: unknown,
    path: string,
  ): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.faults.push(`${path}: no object`);
      return;
    }
    const object = value as Readonly<Record<string, unknown>>;
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    // Without its __typename, an object is of any type that it can be of.
    const tried = types.map((one) => {
      const walker = new Walker(this.#schema, this.#collector);
      const checked = types.length === 1 ? this : walker;
      checked.#objectOf(one, sets, object, path);
      return walker.faults;
    });
    const fewest = tried.reduce((a, b) => (b.length < a.length ? b : a), tried[0] ?? []);
    this.faults.push(...fewest);
  }

  #objectOf(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    value: Readonly<Record<string, unknown>>,
    path: string,
  ): void {
    const fields = this.#fieldsOf(type, sets);
    const [wanted, told] = [[...fields.keys()], Object.keys(value)];
    if (wanted.join(' ') !== told.join(' ')) {
      this.faults.push(`${path}: has ${told.join(' ')}, selected were ${wanted.join(' ')}`);
    }
    for (const [key, nodes] of fields) {
      const [first] = nodes;
      if (first === undefined || !Object.hasOwn(value, key)) continue;
      if (first.name.value === '__typename') {
        if (value[key] !== type.name) this.faults.push(`${path}.${key}: not ${type.name}`);
        continue;
      }
      this.#value(this.#typeOf(type, first.name.value), nodes, value[key], `${path}.${key}`);
    }
  }

  #value(type: GraphQLOutputType, nodes: readonly FieldNode[], value: unknown, path: string): void {
    if (isNonNullType(type)) {
      if (value === null) this.faults.push(`${path}: null, and is ${type}`);
      else this.#value(type.ofType, nodes, value, path);
    } else if (value === null) return;
    else if (isListType(type)) {
      if (!Array.isArray(value)) this.faults.push(`${path}: no list`);
      else
        for (const [i, one] of value.entries())
          this.#value(type.ofType, nodes, one, `${path}.${i}`);
    } else if (isLeafType(type)) {
      if (!isOfForm(type, value)) this.faults.push(`${path}: no ${type.name}`);
    } else this.object(type, this.#setsBelow(nodes), value, path);
  }

  #typeOf(parent: GraphQLObjectType, name: string): GraphQLOutputType {
    const meta = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];
    const field = parent.getFields()[name] ?? meta.find((one) => one.name === name);
    if (field === undefined) throw new Error(`${parent.name} has no ${name}`);
    return field.type;
  }

  #setsBelow(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
    const sets = this.#below.get(nodes) ?? nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    this.#below.set(nodes, sets);
    return sets;
  }

  #fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): CollectedFields {
    const byType = this.#collected.get(sets) ?? new Map<GraphQLObjectType, CollectedFields>();
    this.#collected.set(sets, byType);
    const fields = byType.get(type) ?? this.#collector.fieldsOf(type, sets);
    byType.set(type, fields);
    return fields;
  }
}

/** Names of a scalar's values in JSON are what its reader takes again. */
function isOfForm(type: GraphQLLeafType, value: unknown): boolean {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) !== undefined;
  if (type.name === 'ID') return typeof value === 'string';
  try {
    type.parseValue(value);
    return true;
  } catch {
    return false;
  }
}
