import { readFileSync } from 'node:fs';
import { buildSchema, parse, print, validate } from 'graphql';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

test("the README's query can be pasted: it is valid in the API as generated", () => {
  const query = /```graphql\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
  expect(query).toContain('study');
  const schema = buildSchema(read('schema/api.graphql'));
  expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
});

/** A document as printed, without the name of its query and its comments. */
function nameless(text: string): string {
  return print(parse(text.replace(/^query \w+ \{/m, 'query {')));
}

test("the README's query is the one that the portal's page opens with and the tour asks first", () => {
  const query = /```graphql\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
  expect(nameless(query)).toBe(nameless(read('schema/operations/first-query.graphql')));
});

test('the README names only commands and files that exist', () => {
  const readme = read('README.md');
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path ?? '');
  for (const path of links) expect(read(path).length).toBeGreaterThan(0);
});
