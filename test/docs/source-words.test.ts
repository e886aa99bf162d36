import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { strangeWords } from '../support/docs/page-rules.js';

const folder = fileURLToPath(new URL('../../src', import.meta.url));
/** Generated. */
const GENERATED = /^store\/migrations\//;

/** The source without the marks of comments, so that words over a line break are found too. */
function proseOf(source: string): string {
  return source.replace(/^\s*(\*|\/\/|--) ?/gm, ' ');
}

const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(ts|js|sql)$/.test(path) && !GENERATED.test(path));

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(500);
});

test('no source has a word that a newcomer has to read twice', () => {
  const found = sources.flatMap((path) => {
    const words = strangeWords(proseOf(readFileSync(join(folder, path), 'utf8')));
    return words.map((word) => `${path}: ${word}`);
  });
  expect(found).toEqual([]);
});

test('a word in a comment is found, over a line break too', () => {
  expect(strangeWords(proseOf(' * It hangs\n * on one row.'))).toEqual(['hangs on']);
  expect(strangeWords(proseOf('  // Made anew.'))).toEqual(['anew']);
  expect(strangeWords(proseOf('-- For whoever asks.'))).toEqual(['whoever']);
});
