import { type DocumentNode, type NameNode, visit } from 'graphql';
import { nameOf } from './nodes-of.js';
import type { Operation } from './operations.js';
import type { Answered } from './two-gateways.js';

/** Names that every plain object has already. */
export const INHERITED = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];
/** A variable called `__proto__` is refused: graphql-js itself cannot read it. */
export const INHERITED_VARIABLES = INHERITED.filter((name) => name !== '__proto__');

/** In no schema, and made by no generator. */
const PREFIX = '_plain_';
const PLAIN_IN_JSON = new RegExp(`"${PREFIX}(\\w+)"`, 'g');

/** Whether a caller gave a name that may be another's: an alias, or one that every object has. */
export function hasOddName({ document }: Operation): boolean {
  return withPlainNames(document) !== document;
}

/** The same operation, in which no alias is the name of a field, and no name one that every object has. */
export function withoutOddNames({ document, variables }: Operation): Operation {
  const given = Object.entries(variables).map(([name, value]) => [plain(name), value]);
  return { document: withPlainNames(document), variables: Object.fromEntries(given) };
}

/** What was answered to it, under the names that the operation itself has. */
export function withOddNames(answer: Answered): Answered {
  return JSON.parse(JSON.stringify(answer).replaceAll(PLAIN_IN_JSON, '"$1"')) as Answered;
}

function plain(name: string): string {
  return INHERITED.includes(name) ? `${PREFIX}${name}` : name;
}

/** No field and no type of a schema has an inherited name, so each of them is the caller's. */
function withPlainNames(document: DocumentNode): DocumentNode {
  const named = visit(document, {
    Field: ({ alias, ...field }) => {
      if (alias === undefined) return undefined;
      // Under its own name it is one with what has no alias.
      if (alias.value === field.name.value) return field;
      return { ...field, alias: nameOf(`${PREFIX}${alias.value}`) };
    },
  });
  return visit(named, {
    Name: (node: NameNode) =>
      INHERITED.includes(node.value) ? nameOf(plain(node.value)) : undefined,
  });
}
