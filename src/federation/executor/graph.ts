import {
  buildSchema,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  printType,
} from 'graphql';
import type { Subgraph, Supergraph } from '../compose.js';
import { createShapes, type ShapeOf } from './shapes.js';

/** Whether an object of a type is one of these types, or of a kind of them. */
export type IsOf = (typename: unknown, conditions: readonly string[]) => boolean;

/** What the executor has to know of a supergraph. */
export interface Graph {
  /** As clients see it, with the scalars that values are written with. */
  readonly apiSchema: GraphQLSchema;
  /** The same with scalars that take any value: what a subgraph answered is written already. */
  readonly answerSchema: GraphQLSchema;
  readonly shapeOf: ShapeOf;
  readonly isOf: IsOf;
  /** By type, the enum values or kinds that subgraphs answer with and clients do not see. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<unknown>>;
}

export function createGraph(
  subgraphs: readonly Subgraph[],
  { supergraphSdl, apiSdl }: Pick<Supergraph, 'supergraphSdl' | 'apiSdl'>,
): Graph {
  const apiSchema = withScalarsOf(subgraphs, buildSchema(apiSdl));
  const supergraph = buildSchema(supergraphSdl, { assumeValid: true, assumeValidSDL: true });
  return {
    apiSchema,
    answerSchema: answerSchemaOf(apiSdl),
    shapeOf: createShapes(apiSchema),
    isOf: createIsOf(supergraph),
    hidden: hiddenOf(supergraph, apiSchema),
  };
}

/**
 * Gives an API schema built from text the scalars that the subgraphs check and write values with:
 * otherwise it would take any literal, and the subgraph's refusal of it would look like a fault of ours.
 */
function withScalarsOf(subgraphs: readonly Subgraph[], api: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(api.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    for (const { schema } of subgraphs) {
      const known = schema.getType(type.name);
      if (!isScalarType(known)) continue;
      type.serialize = known.serialize;
      type.parseValue = known.parseValue;
      type.parseLiteral = known.parseLiteral;
    }
  }
  return api;
}

/**
 * An interface that no type of the graph implements is still asked for its own fields: federation lets a
 * subgraph answer for what another one implements. An object needs a type, so here it has one.
 */
function answerSchemaOf(apiSdl: string): GraphQLSchema {
  const schema = buildSchema(apiSdl);
  const objects = Object.values(schema.getTypeMap())
    .filter(isInterfaceType)
    .flatMap((type) => {
      if (schema.getPossibleTypes(type).length > 0) return [];
      const interfaces = [type, ...type.getInterfaces()].map(({ name }) => name).join(' & ');
      const fields = printType(type).replace(/^[^{]*/, '');
      return [`type ${type.name}_ implements ${interfaces} ${fields}`];
    });
  return objects.length === 0 ? schema : buildSchema([apiSdl, ...objects].join('\n'));
}

function createIsOf(supergraph: GraphQLSchema): IsOf {
  return (typename, conditions) => {
    // Not asked for where there is one kind alone.
    if (typeof typename !== 'string' || conditions.includes(typename)) return true;
    const type = supergraph.getType(typename);
    if (!isObjectType(type)) return false;
    return conditions.some((condition) => {
      const abstract = supergraph.getType(condition);
      return isAbstractType(abstract) && supergraph.isSubType(abstract, type);
    });
  };
}

function hiddenOf(supergraph: GraphQLSchema, api: GraphQLSchema): Graph['hidden'] {
  const hidden = new Map<string, ReadonlySet<unknown>>();
  for (const seen of Object.values(api.getTypeMap())) {
    const whole = supergraph.getType(seen.name);
    let names: readonly string[] = [];
    if (isEnumType(seen) && isEnumType(whole)) {
      names = whole
        .getValues()
        .map(({ name }) => name)
        .filter((name) => !seen.getValue(name));
    } else if (isAbstractType(seen) && isAbstractType(whole)) {
      const kinds = supergraph.getPossibleTypes(whole).map(({ name }) => name);
      names = kinds.filter((name) => api.getType(name) === undefined);
    }
    if (names.length > 0) hidden.set(seen.name, new Set(names));
  }
  return hidden;
}

/** Null instead of what clients do not see. */
export function hide(value: unknown, hidden: ReadonlySet<unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => hide(item, hidden));
  const kind = typeof value === 'object' && value !== null && '__typename' in value;
  return hidden.has(kind ? value.__typename : value) ? null : value;
}
