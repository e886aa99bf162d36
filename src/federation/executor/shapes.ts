import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';

/** Where one name may stand for two shapes: the type of a field there, and nothing elsewhere. */
export type ShapeOf = (parent: GraphQLCompositeType, field: string) => string;

/**
 * Finds the fields that cannot be selected together under their own name: two types of one
 * interface or union have them with unlike types, and GraphQL allows one shape for one response
 * key.
 */
export function createShapes(schema: GraphQLSchema): ShapeOf {
  const known = new Map<string, string>();

  return (parent, field) => {
    const place = `${parent.name}.${field}`;
    let shape = known.get(place);
    if (shape === undefined) {
      const types = new Set(relativesOf(schema, parent).map((type) => typeOf(type, field)));
      types.delete(undefined);
      shape = types.size > 1 ? (typeOf(parent, field) ?? '') : '';
      known.set(place, shape);
    }
    return shape;
  };
}

function typeOf(type: GraphQLCompositeType, field: string): string | undefined {
  return isUnionType(type) ? undefined : type.getFields()[field]?.type.toString();
}

/** A type, and each that may stand in one selection set with it. */
function relativesOf(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
): readonly GraphQLCompositeType[] {
  const above = Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .filter((abstract) =>
      isUnionType(type) ? abstract === type : abstract === type || schema.isSubType(abstract, type),
    );
  const beside = above.flatMap((abstract) => schema.getPossibleTypes(abstract));
  const relatives = new Set<GraphQLCompositeType>([type, ...above, ...beside]);
  for (const object of beside) {
    for (const implemented of object.getInterfaces()) relatives.add(implemented);
  }
  return [...relatives].filter((one) => isObjectType(one) || isInterfaceType(one));
}
