import { type GraphQLCompositeType, isAbstractType } from 'graphql';

/** A selection set of ours: each key once, and what is asked of one kind alone in a part of its own. */
export interface AskedSet {
  readonly type: GraphQLCompositeType;
  readonly fields: Map<string, AskedField>;
  readonly narrowed: Map<string, AskedSet>;
  /** Whether `__typename` is asked for too. */
  hasTypename: boolean;
  /** Names of the fragments that are in it already. */
  readonly spread: Set<string>;
}

export interface AskedField {
  /** `key: field(argument: $variable)` */
  readonly head: string;
  readonly below: AskedSet | undefined;
}

export function newAskedSet(type: GraphQLCompositeType): AskedSet {
  return { type, fields: new Map(), narrowed: new Map(), hasTypename: false, spread: new Set() };
}

/** @returns undefined if nothing is asked for: everything is left out, or GraphQL itself answers it. */
export function printAsked(set: AskedSet): string | undefined {
  const { type, fields, narrowed, hasTypename } = set;
  // What has one kind alone is not asked for it.
  const parts: string[] = hasTypename && isAbstractType(type) ? ['__typename'] : [];
  for (const { head, below } of fields.values()) {
    parts.push(below === undefined ? head : `${head} ${printAsked(below) ?? '{ __typename }'}`);
  }
  for (const [name, part] of narrowed) {
    const selections = printAsked(part);
    if (selections !== undefined) parts.push(`... on ${name} ${selections}`);
  }
  return parts.length === 0 ? undefined : `{ ${parts.join(' ')} }`;
}
