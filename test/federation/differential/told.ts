import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  printSchema,
} from 'graphql';
import { canonicalJson } from '../../../src/core/canonical-json.js';
import { hashOf } from './random.js';
import { LEAVES, RULES } from './told-rules.js';

/** A thing that a node tells of. Its key decides all that is told of it, however it is asked. */
export interface Told {
  readonly key: string;
  readonly typeName: string;
  readonly institution: string;
  /** Members that are said, and not made up. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Arguments of the field that led to it. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Its place in the list that it stands in, from 0. */
  readonly place: number;
  readonly parent: Told | undefined;
}

const NULL_PERCENT = 25;
const MAX_ITEMS = 3;

/**
 * Answers any document over a node's schema, deterministically: nulls, empty and full lists, every
 * member of a union, and the same for one thing, no matter who asks or in which batch.
 *
 * @param served - the schema of one subgraph of a node; its resolvers are not run.
 */
export function createTelling(served: GraphQLSchema) {
  const schema = buildSchema(printSchema(served), { assumeValid: true });
  const documents = new Map<string, DocumentNode>();
  return (
    root: { readonly institution: string; readonly seed: number },
    document: string,
    variables: Readonly<Record<string, unknown>>,
  ): ExecutionResult => {
    const parsed = documents.get(document) ?? parse(document);
    documents.set(document, parsed);
    const rootValue: Told = {
      key: `${root.seed} ${root.institution}`,
      typeName: 'Query',
      institution: root.institution,
      said: {},
      args: {},
      place: 0,
      parent: undefined,
    };
    return execute({
      schema,
      document: parsed,
      variableValues: JSON.parse(JSON.stringify(variables)),
      rootValue,
      fieldResolver: resolveTold,
      typeResolver: ({ typeName }: Told) => typeName,
    }) as ExecutionResult;
  };
}

function resolveTold(
  parent: Told,
  args: Readonly<Record<string, unknown>>,
  _context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const { fieldName, parentType, schema } = info;
  const field = parentType.getFields()[fieldName] as GraphQLField<unknown, unknown>;
  const key = `${parent.key}.${fieldName}${canonicalJson(args)}`;
  const teller = new Teller(schema, { ...parent, typeName: parentType.name }, args);
  if (Object.hasOwn(parent.said, fieldName)) {
    return teller.told(field.type, key, parent.said[fieldName]);
  }
  const rule = RULES[`${parentType.name}.${fieldName}`] ?? RULES[`*.${fieldName}`];
  const said = rule?.({ parent: { ...parent, typeName: parentType.name }, args, key, field });
  return teller.told(field.type, key, said);
}

class Teller {
  readonly #schema: GraphQLSchema;
  readonly #parent: Told;
  readonly #args: Readonly<Record<string, unknown>>;

  constructor(schema: GraphQLSchema, parent: Told, args: Readonly<Record<string, unknown>>) {
    this.#schema = schema;
    this.#parent = parent;
    this.#args = args;
  }

  /** @param said - what a rule says; undefined: to be made up. */
  told(type: GraphQLOutputType, key: string, said: unknown, place = 0): unknown {
    if (isNonNullType(type)) return this.#some(type.ofType, key, said, place);
    // A page that its node does not tell is none that a reader takes.
    const isPage = String(type).endsWith('Connection');
    const isNull = said === undefined && !isPage && hashOf(`${key}?`) % 100 < NULL_PERCENT;
    if (said === null || isNull) return null;
    return this.#some(type, key, said, place);
  }

  #some(type: GraphQLOutputType, key: string, said: unknown, place: number): unknown {
    if (isListType(type)) {
      const items = said ?? Array.from({ length: hashOf(`${key}#`) % (MAX_ITEMS + 1) });
      return (items as unknown[]).map((item, i) => this.told(type.ofType, `${key}[${i}]`, item, i));
    }
    if (isEnumType(type)) {
      const values = type.getValues();
      return said ?? values[hashOf(key) % values.length]?.name;
    }
    if (isAbstractType(type) || isObjectType(type)) return this.#thing(type.name, key, said, place);
    return said ?? LEAVES[(type as { readonly name: string }).name]?.(hashOf(key), key);
  }

  #thing(name: string, key: string, said: unknown, place: number): Told {
    const known = (said ?? {}) as Readonly<Record<string, unknown>>;
    const { __typename, ...members } = known;
    const type = this.#schema.getType(name);
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    const made = types[hashOf(`${key}:`) % (types.length || 1)]?.name ?? name;
    return {
      // An entity is the same by whatever way it was reached.
      key: __typename === undefined ? key : `${this.#parent.institution} ${canonicalJson(known)}`,
      typeName: typeof __typename === 'string' ? __typename : made,
      institution: this.#parent.institution,
      said: members,
      args: this.#args,
      place,
      parent: this.#parent,
    };
  }
}
