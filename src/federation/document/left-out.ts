import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** A valid operation and its variables, which were found to fit. */
export interface AskedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Whether `@skip` and `@include` leave an operation without a field. Its answer is an empty object,
 * for which the router finds no plan.
 */
export function leavesNothing({ document, operation, variables }: AskedOperation): boolean {
  const values = { ...defaultsOf(operation), ...variables };
  const seen = new Set<string>();

  const isLeftOut = ({ name, arguments: given = [] }: DirectiveNode): boolean => {
    const value = given.find((argument) => argument.name.value === 'if')?.value;
    const isTrue =
      value?.kind === Kind.VARIABLE
        ? values[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    if (name.value === 'skip') return isTrue;
    return name.value === 'include' && !isTrue;
  };

  const hasField = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.directives?.some(isLeftOut)) return false;
      if (selection.kind === Kind.FIELD) return true;
      if (selection.kind === Kind.INLINE_FRAGMENT) return hasField(selection.selectionSet);
      return isFragmentWithField(selection.name.value);
    });

  const isFragmentWithField = (name: string): boolean => {
    // One that had no field has none when it is spread again.
    if (seen.has(name)) return false;
    seen.add(name);
    return document.definitions.some(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === name &&
        hasField(definition.selectionSet),
    );
  };

  return !hasField(operation.selectionSet);
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode) {
  const defaults: Record<string, boolean> = {};
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue?.kind === Kind.BOOLEAN) defaults[variable.name.value] = defaultValue.value;
  }
  return defaults;
}
