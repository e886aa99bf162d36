import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The fields of an operation itself, fragments unfolded, each fragment once. */
export function rootFieldsOf(
  { definitions }: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
): readonly FieldNode[] {
  const fields: FieldNode[] = [];
  const seen = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else collectFragment(selection.name.value);
    }
  }

  function collectFragment(name: string): void {
    if (seen.has(name)) return;
    seen.add(name);
    for (const definition of definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== name) continue;
      collect(definition.selectionSet);
    }
  }

  collect(selectionSet);
  return fields;
}
