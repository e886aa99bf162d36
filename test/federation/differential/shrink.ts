import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import type { Operation } from './operations.js';
import { without } from './tidy.js';

/** Asking twice for each: a long operation would otherwise be asked for hours. */
const MAX_TRIES = 400;

/**
 * An operation with as little in it as still does what the whole one did.
 *
 * @param does - whether an operation does it; asked some hundred times at most.
 */
export async function shrink(
  schema: GraphQLSchema,
  operation: Operation,
  does: (smaller: Operation) => Promise<boolean>,
): Promise<Operation> {
  let smallest = operation;
  let tries = 0;
  for (let at = 0; tries < MAX_TRIES; ) {
    const node = partsOf(smallest.document)[at];
    if (node === undefined) return smallest;
    const document = without(smallest.document, node);
    const smaller = { ...smallest, document };
    const isTried = isValid(schema, document) && document !== smallest.document;
    tries += isTried ? 1 : 0;
    if (isTried && (await does(smaller))) smallest = smaller;
    else at += 1;
  }
  return smallest;
}

const PARTS: ReadonlySet<string> = new Set([
  ...[Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.FRAGMENT_SPREAD, Kind.DIRECTIVE, Kind.ARGUMENT],
]);

/** What may be left out, the largest first: whole selections before what is within them. */
function partsOf(document: DocumentNode): readonly ASTNode[] {
  const parts: ASTNode[] = [];
  visit(document, {
    enter(node) {
      if (PARTS.has(node.kind)) parts.push(node);
    },
  });
  return parts;
}

function isValid(schema: GraphQLSchema, document: DocumentNode): boolean {
  return validate(schema, document, specifiedRules, { maxErrors: 1 }).length === 0;
}
