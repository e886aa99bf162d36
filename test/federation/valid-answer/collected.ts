import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** The fields of one object, by the key of the answer, in the order of the document. */
export type CollectedFields = ReadonlyMap<string, readonly FieldNode[]>;

/** Collects what a document selects, as an object of one type must answer it. */
export interface Collector {
  fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): CollectedFields;
}

/** @source GraphQL, section 6.3.2: CollectFields, MergeSelectionSets */
export function createCollector(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): Collector {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }

  function isLeftOut(node: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
    return skip?.if === true || include?.if === false;
  }

  function isOf(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = schema.getType(condition);
    return isAbstractType(named) && schema.isSubType(named, type);
  }

  function collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    into: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const node of selections) {
      if (isLeftOut(node)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        into.set(key, [...(into.get(key) ?? []), node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (isOf(type, node.typeCondition?.name.value))
          collect(type, node.selectionSet, into, seen);
      } else if (!seen.has(node.name.value)) {
        seen.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment && isOf(type, fragment.typeCondition.name.value)) {
          collect(type, fragment.selectionSet, into, seen);
        }
      }
    }
  }

  return {
    fieldsOf(type, sets) {
      const into = new Map<string, FieldNode[]>();
      const seen = new Set<string>();
      for (const set of sets) collect(type, set, into, seen);
      return into;
    },
  };
}
