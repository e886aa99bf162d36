import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One test that a row names: a file or folder of test/, and how its title begins. */
interface Shown {
  readonly path: string;
  readonly title: string | undefined;
}

/** The last cell of each row: `a/b: a title; c/d, e/f`. A row that is not prevented has `-`. */
function shownIn(page: string): Shown[] {
  const rows = page.split('\n').filter((line) => /^\| (?!who \||---)/.test(line));
  const cells = rows.map((row) => row.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '');
  return cells.flatMap((cell) =>
    cell.split('; ').flatMap((entry) => {
      const [, paths = '', title] = /^((?:[\w./*-]+(?:, )?)+)(?:: (.+))?$/.exec(entry) ?? [];
      return paths.split(', ').map((path) => ({ path: path === '' ? entry : path, title }));
    }),
  );
}

/** The suites that an entry means; none if it means nothing that exists. */
function suitesOf(path: string): string[] {
  const places = [`test/${path}`, path].map((place) =>
    join(root, place.replace(/\/[^/]*\*.*$/, '')),
  );
  const files = places.flatMap((place) =>
    ['.test.ts', '.long.test.ts', ''].map((end) => place + end).filter((name) => existsSync(name)),
  );
  return files.flatMap((file) =>
    statSync(file).isDirectory()
      ? readdirSync(file)
          .map((name) => join(file, name))
          .filter((name) => statSync(name).isFile())
      : [file],
  );
}

/** Why a row's entry shows nothing; undefined if it does. */
function missing({ path, title }: Shown): string | undefined {
  const suites = suitesOf(path);
  if (suites.length === 0) return `${path}: no such suite`;
  const hasTitle = suites.some((file) => readFileSync(file, 'utf8').includes(title ?? ''));
  return hasTitle ? undefined : `${path}: no test whose title has "${title}"`;
}

describe('the threat model', () => {
  const shown = shownIn(readFileSync(join(root, 'docs/threat-model.md'), 'utf8'));
  const named = shown.filter(({ path }) => path !== '-');

  test('names a test for most of what can be done', () => {
    expect(named.length).toBeGreaterThan(120);
  });

  test('names only tests that exist', () => {
    expect(named.map(missing).filter((reason) => reason !== undefined)).toEqual([]);
  });

  test('would be caught naming one that does not', () => {
    const [entry] = shownIn('| stranger | asks | nothing | consent/no-such: a title |');
    expect(entry === undefined ? undefined : missing(entry)).toBe('consent/no-such: no such suite');
    expect(missing({ path: 'zk/eddsa', title: 'no such title' })).toMatch(/no test whose title/);
  });
});
