import {
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isUnionType,
} from 'graphql';
import { DomainError, invariant } from '../core/errors.js';

/** An entity type, and the fields of the key that leads to one of it. */
type Keys = ReadonlyMap<string, readonly KeyField[]>;

interface KeyField {
  readonly name: string;
  readonly parse: (value: unknown) => unknown;
}

type Reference = Readonly<Record<string, unknown>>;

/**
 * Makes a subgraph judge each reference of `_entities` by itself: one that names no entity type, or
 * not its whole key, is BAD_INPUT at its place in the list, and the others are answered. The library
 * would fail the whole list, as a fault of ours.
 *
 * @returns the same schema.
 */
export function checkReferences(schema: GraphQLSchema): GraphQLSchema {
  const field = schema.getQueryType()?.getFields()._entities;
  if (field?.resolve === undefined) return schema;
  const keys = keysOf(schema, getNamedType(field.type));
  field.resolve = oneByOne(field.resolve, keys);
  return schema;
}

function oneByOne(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  keys: Keys,
): GraphQLFieldResolver<unknown, unknown> {
  return (root, { representations }, context, info) =>
    (representations as readonly unknown[]).map((representation, index) => {
      try {
        const reference = toReference(representation, index, keys);
        const [entity] = resolve(
          root,
          { representations: [reference] },
          context,
          info,
        ) as unknown[];
        return entity;
      } catch (thrown) {
        // An error in a list stands for its own place alone.
        return thrown;
      }
    });
}

/**
 * A reference is the name of its type and its key: nothing else that was sent reaches a resolver.
 *
 * @throws DomainError BAD_INPUT {representation}
 */
function toReference(sent: unknown, representation: number, keys: Keys): Reference {
  const { __typename: type, ...given } = (sent ?? {}) as Reference;
  const key = typeof type === 'string' ? keys.get(type) : undefined;
  if (key === undefined) throw new DomainError('BAD_INPUT', { representation });
  const read = key.map(({ name, parse }) => {
    try {
      return [name, parse(given[name])] as const;
    } catch (cause) {
      throw new DomainError('BAD_INPUT', { representation, key: name }, cause);
    }
  });
  return { __typename: type, ...Object.fromEntries(read) };
}

function keysOf(schema: GraphQLSchema, entity: unknown): Keys {
  const types = isUnionType(entity) ? schema.getPossibleTypes(entity) : [];
  return new Map(types.map((type) => [type.name, keyOf(type)]));
}

/** The API has keys of plain fields alone, and one to a type. */
function keyOf(type: GraphQLObjectType): readonly KeyField[] {
  const directives = type.extensions.directives as readonly AppliedDirective[];
  const key = directives.find(({ name }) => name === 'key');
  invariant(key !== undefined, `${type.name} is an entity by its key`);
  return key.args.fields.split(' ').map((name) => {
    const leaf = getNamedType(type.getFields()[name]?.type);
    invariant(isLeafType(leaf), `${type.name} has a key of plain fields`);
    return { name, parse: (value) => leaf.parseValue(value) };
  });
}

/** As Pothos keeps the directives of a type. */
interface AppliedDirective {
  readonly name: string;
  readonly args: { readonly fields: string };
}
