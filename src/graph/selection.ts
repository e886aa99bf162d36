import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/**
 * Whether a field of this name is selected anywhere below the field being resolved: for fields that
 * are expensive and rarely requested. An inclusion that a variable decides counts as asked.
 */
export function isSelected(info: GraphQLResolveInfo, name: string): boolean {
  const { fragments, fieldNodes } = info;
  const seen = new Set<string>();
  const isIn = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) {
        return selection.name.value === name || isIn(selection.selectionSet);
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return isIn(selection.selectionSet);
      const spread = selection.name.value;
      if (seen.has(spread)) return false;
      seen.add(spread);
      return isIn(fragments[spread]?.selectionSet);
    }) ?? false;
  return fieldNodes.some(({ selectionSet }) => isIn(selectionSet));
}
