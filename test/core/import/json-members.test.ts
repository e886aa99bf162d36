import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/core/import/json-file.js';

const pathOf = (text: string) => {
  try {
    parseJson(text);
  } catch (failure) {
    return failure as { code: string; facts: { path?: string } };
  }
  return undefined;
};

describe('a member that is named twice', () => {
  test.each([
    ['at the top', '{"a":1,"a":1}', 'a'],
    [
      'deep',
      '{"entry":[{},{"resource":{"subject":1,"x":{},"subject":2}}]}',
      'entry[1].resource.subject',
    ],
    ['behind an escape', String.raw`{"subject":1,"\u0073ubject":2}`, 'subject'],
    ['behind strings with quotes and brackets', String.raw`{"a":"\"{[,:","b":["}"],"a":1}`, 'a'],
    ['in a list within a list', '[[],[1,{"k":1,"k":2}]]', '[1][1].k'],
    ['__proto__', '{"__proto__":1,"__proto__":2}', '__proto__'],
    ['the same value again', '{"a":{"b":[1]},"a":{"b":[1]}}', 'a'],
    ['with blanks between', '{ "a" : 1 ,\n "a" : 2 }', 'a'],
  ])('is refused %s, with its place', (_, text, path) => {
    expect(pathOf(text)).toMatchObject({ code: 'JSON_KEY_DOUBLED', facts: { path } });
  });

  test('is not told where it could be a value', () => {
    expect(pathOf('{"Jane Doe, 1950":1,"Jane Doe, 1950":2}')?.facts).toEqual({ path: '?' });
  });

  test.each([
    ['in two objects', '[{"a":1},{"a":1}]'],
    ['as a value', '{"a":"a","b":"a"}'],
    ['in another case', '{"a":1,"A":2}'],
    ['within itself', '{"a":{"a":{"a":1}}}'],
    ['with colons in names and texts', '{"a:b":"c:d::","e":[":"]}'],
  ])('is no fault %s', (_, text) => {
    expect(pathOf(text)).toBeUndefined();
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test('is found wherever it is put, and nothing else is refused', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.stringMatching(/^[a-z"\\]{1,4}$/),
        (value, name) => {
          const text = JSON.stringify(value);
          expect(parseJson(text)).toEqual(JSON.parse(text));
          const key = JSON.stringify(name);
          expect(pathOf(`[${text},{${key}:${text},${key}:1}]`)?.code).toBe('JSON_KEY_DOUBLED');
        },
      ),
      { seed: 20_261_130, numRuns: 200 },
    );
  });
});
