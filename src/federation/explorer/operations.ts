import { readdirSync, readFileSync } from 'node:fs';
import { invariant } from '../../core/errors.js';

/** An operation that runs as it stands. */
export interface ReadyOperation {
  /** The name of its file, for example `blood-pressure`. */
  readonly name: string;
  /** Its own name in GraphQL, for example `BloodPressure`. */
  readonly title: string;
  /** For whom it is, and whether with a token: `the portal, with its token`. */
  readonly audience: string;
  /** What it shows, in one sentence. */
  readonly shows: string;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** From src and from dist alike: the package ships the folder as it is. */
const FOLDER = new URL('../../../schema/operations/', import.meta.url);

/** Every operation says in its first comment for whom it is and, after a colon, what it shows. */
const FIRST_COMMENT = /^For ([^:]+): (.*?[.?])(?: |$)/;
const OPERATION = /^(?:query|mutation) (\w+)/m;

/** The operations of schema/operations with their variables, by name. */
export function readyOperations(): readonly ReadyOperation[] {
  const names = readdirSync(FOLDER).sort();
  return names
    .filter((name) => name.endsWith('.graphql'))
    .map((file) => {
      const name = file.replace('.graphql', '');
      const document = read(file);
      const variables = names.includes(`${name}.json`) ? JSON.parse(read(`${name}.json`)) : {};
      return { name, document, variables, ...describe(name, document) };
    });
}

/** The text of one of them, for pages that start with it. */
export function readyDocument(name: string): string {
  return read(`${name}.graphql`);
}

function describe(name: string, document: string) {
  const [, audience, shows] = FIRST_COMMENT.exec(firstCommentOf(document)) ?? [];
  const [, title] = OPERATION.exec(document) ?? [];
  invariant(
    audience !== undefined && shows !== undefined && title !== undefined,
    `schema/operations/${name}.graphql says for whom it is and what it shows`,
  );
  return { audience, shows: shows.charAt(0).toUpperCase() + shows.slice(1), title };
}

function firstCommentOf(document: string): string {
  const lines = document.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^# ?/, ''))
    .join(' ');
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}
