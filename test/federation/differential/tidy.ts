import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type SelectionNode,
  specifiedRules,
  type ValidationRule,
  validate,
  visit,
} from 'graphql';
import { nameOf } from './nodes-of.js';

export const TYPENAME: FieldNode = { kind: Kind.FIELD, name: nameOf('__typename') };

/** The document without a node, and without what then stands for nothing. */
export function without(document: DocumentNode, removed: ASTNode): DocumentNode {
  return tidy(visit(document, { enter: (node) => (node === removed ? null : undefined) }));
}

/** The document with another node in a node's place. */
export function withInstead(document: DocumentNode, node: ASTNode, instead: ASTNode): DocumentNode {
  return tidy(visit(document, { enter: (one) => (one === node ? instead : undefined) }));
}

/** Empty selections become `__typename`; fragments and variables that nothing uses go. */
export function tidy(document: DocumentNode): DocumentNode {
  let tidied = visit(document, {
    SelectionSet: {
      leave: (node) =>
        node.selections.length > 0 ? undefined : { ...node, selections: [TYPENAME] },
    },
  });
  for (;;) {
    const spread = new Set<string>();
    const used = new Set<string>();
    visit(tidied, {
      FragmentSpread: ({ name }) => void spread.add(name.value),
      VariableDefinition: () => false,
      Variable: ({ name }) => void used.add(name.value),
    });
    const kept = visit(tidied, {
      FragmentDefinition: ({ name }) => (spread.has(name.value) ? undefined : null),
      VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    });
    if (kept === tidied) return kept;
    tidied = kept;
  }
}

const RULES: readonly ValidationRule[] = specifiedRules;

/** Removes what validation objects to until it objects to nothing. */
export function makeValid(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  let valid = tidy(document);
  for (;;) {
    const [error] = validate(schema, valid, RULES, { maxErrors: 1 });
    if (error === undefined) return valid;
    const named = error.nodes?.findLast(isRemovable);
    if (named === undefined) throw error;
    valid = without(valid, named);
  }
}

function isRemovable(node: ASTNode): node is SelectionNode {
  return (
    node.kind === Kind.FIELD ||
    node.kind === Kind.FRAGMENT_SPREAD ||
    node.kind === Kind.INLINE_FRAGMENT
  );
}
