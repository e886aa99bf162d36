import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FLOORS } from '../law/columns.js';
import {
  anchorsOf,
  arrowLists,
  camelNamesOf,
  linksOf,
  pathsOf,
  scriptsOf,
  strangeWords,
} from '../support/docs/page-rules.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MAX_README_LINES = 60;
const MAX_DECISION_LINES = 41;
/** Made at the first release. */
const AT_A_RELEASE = 'schema/released.graphql';
/** It names functions of other projects. */
const DEFECTS_OF_OTHERS = 'docs/upstream.md';
/** The top page also has the query, the picture and the table of pages. */
const MAX_TOP_README_LINES = 120;

/** Folders without pages of ours: what was installed or built, and what tools keep. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'artifacts', 'coverage']);

function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : pagesBelow(path);
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = pagesBelow('').map((path) => [path, readFileSync(join(root, path), 'utf8')] as const);

/** Why a link leads nowhere; undefined if it leads somewhere. */
function brokenBecause(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : posix.join(dirname(page), decodeURIComponent(path));
  if (!existsSync(join(root, target))) return `${link}: no such file`;
  if (anchor === undefined || statSync(join(root, target)).isDirectory()) return undefined;
  const anchors = anchorsOf(readFileSync(join(root, target), 'utf8'));
  return anchors.includes(anchor) ? undefined : `${link}: no such heading`;
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Every word of the sources, the API and the circuits: what a page names has to be among them. */
function wordsOf(folders: readonly string[]): ReadonlySet<string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js|css|sql|circom|sol|graphql|json|mjs)$/.test(name))
      .filter((name) => !/artifacts|migrations|node_modules/.test(name))
      .map((name) => join(root, folder, name)),
  );
  return new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(/\w+/g) ?? []));
}

describe('the pages', () => {
  test('are there', () => {
    expect(pages.length).toBeGreaterThan(40);
  });

  test.each(pages)('%s links only to what exists', (path, text) => {
    const broken = linksOf(text).map((link) => brokenBecause(path, link));
    expect(broken.filter((reason) => reason !== undefined)).toEqual([]);
  });

  test.each(pages)('%s says it in words that a newcomer knows', (_, text) => {
    expect([...strangeWords(text), ...arrowLists(text)]).toEqual([]);
  });

  test.each(pages)('%s names files and scripts that exist', (page, text) => {
    const isThere = (path: string) =>
      [path, posix.join(dirname(page), path)].some((place) =>
        ['', '.ts', '.test.ts', '.long.test.ts'].some((end) => existsSync(join(root, place + end))),
      );
    expect(pathsOf(text).filter((path) => !isThere(path) && path !== AT_A_RELEASE)).toEqual([]);
    expect(scriptsOf(text).filter((name) => !(name in scripts))).toEqual([]);
  });

  const words = wordsOf(['src', 'schema', 'circuits', 'contracts', 'test', 'bench']);
  const ours = pages.filter(([path]) => path !== DEFECTS_OF_OTHERS);
  test.each(ours)('%s names functions, settings and fields that exist', (_, text) => {
    expect(camelNamesOf(text).filter((name) => !words.has(name))).toEqual([]);
  });

  const readmes = pages.filter(([path]) => posix.basename(path) === 'README.md');
  test.each(readmes)(`%s has ${MAX_README_LINES} lines at most`, (path, text) => {
    const most = path === 'README.md' ? MAX_TOP_README_LINES : MAX_README_LINES;
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(most);
  });
});

describe('the decisions', () => {
  const index = readFileSync(join(root, 'docs/adr/README.md'), 'utf8');
  const records = pages.filter(([path]) => /^docs\/adr\/\d{4}-/.test(path));

  test.each(records)('%s is short, has the four parts and is in the index', (path, text) => {
    expect(text.split('\n').length).toBeLessThanOrEqual(MAX_DECISION_LINES);
    const number = Number(posix.basename(path).slice(0, 4));
    expect(text).toMatch(new RegExp(`^# ${number}\\. .+\\n\\nStatus: \\w`));
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Context',
      'Decision',
      'Consequences',
    ]);
    expect(linksOf(index)).toContain(posix.basename(path));
  });
});

describe('the page of a room with inner rooms', () => {
  const inner = Object.entries(FLOORS).flatMap(([room, floors]) =>
    floors.flat().flatMap((folder) => (folder === '.' ? [] : [[room, folder] as const])),
  );

  test.each(inner)('of %s says what is in %s', (room, folder) => {
    expect(readFileSync(join(root, `src/${room}/README.md`), 'utf8')).toContain(`**${folder}**`);
  });
});

describe('the rules themselves', () => {
  test.each([
    ['a word that we do not use', strangeWords('It is made anew.')],
    ['a word at the end of a line', strangeWords('This is for whoever\nasks.')],
    ['two words over a line break', strangeWords('All of it hangs\non one row.')],
    ['a paragraph that argues with a plan', strangeWords('Other than the design: two tables.')],
    ['a list of arrows', arrowLists('Read `a.ts` ← `b.ts`.')],
  ])('refuse %s', (_, breaches) => {
    expect(breaches).toHaveLength(1);
  });

  test('leave code alone', () => {
    expect(strangeWords('```sh\necho anew\n```\nand `whoever`')).toEqual([]);
  });

  test('find links, and leave those of other sites and in code', () => {
    const text = '[a](b.md) [c](https://example.org/d.md) `[e](f.md)` ![g](h.svg "i") [j](#k)';
    expect(linksOf(text)).toEqual(['b.md', 'h.svg', '#k']);
  });

  test('find what a page names', () => {
    const text = 'Run `npm run check`: `src/core/x.ts` has `nowSeconds(a, laterOn)`, not `SHOUTS`.';
    expect(pathsOf(text)).toEqual(['src/core/x.ts']);
    expect(scriptsOf(text)).toEqual(['check']);
    expect(camelNamesOf(text)).toEqual(['nowSeconds', 'laterOn']);
  });

  test('know the anchor of a heading', () => {
    expect(anchorsOf('# What `first` is, and why\n\n## A\n\n## A')).toEqual([
      'what-first-is-and-why',
      'a',
      'a-1',
    ]);
  });
});
