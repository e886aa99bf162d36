import { type DocumentNode, type NameNode, visit } from 'graphql';
import { nameOf } from './nodes-of.js';
import type { Operation } from './operations.js';
import type { Answered } from './two-gateways.js';

/** Names that every plain object has already. */
export const INHERITED = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];
/** A variable called `__proto__` is refused: graphql-js itself cannot read it. */
export const INHERITED_VARIABLES = INHERITED.filter((name) => name !== '__proto__');

/** In no schema and made by no generator. */
const PREFIX = 'plain';

/** Whether an operation has such a name: as an alias, or of an operation, a fragment or a variable. */
export function hasInheritedName({ document }: Operation): boolean {
  return withPlainNames(document) !== document;
}

/** The same operation, in which each such name is an ordinary one. */
export function withoutInheritedNames({ document, variables }: Operation): Operation {
  const given = Object.entries(variables).map(([name, value]) => [plain(name), value]);
  return { document: withPlainNames(document), variables: Object.fromEntries(given) };
}

/** What was answered to it, under the names that the operation itself has. */
export function withInheritedNames(answer: Answered): Answered {
  const text = JSON.stringify(answer).replaceAll(PLAIN_IN_TEXT, '$1');
  return JSON.parse(text) as Answered;
}

const PLAIN_IN_TEXT = new RegExp(`${PREFIX}(${INHERITED.join('|')})`, 'g');

function plain(name: string): string {
  return INHERITED.includes(name) ? `${PREFIX}${name}` : name;
}

/** No field and no type of a schema has such a name, so each of them is the caller's. */
function withPlainNames(document: DocumentNode): DocumentNode {
  return visit(document, {
    Name: (node: NameNode) =>
      INHERITED.includes(node.value) ? nameOf(plain(node.value)) : undefined,
  });
}
