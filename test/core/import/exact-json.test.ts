import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalExactJson, decimalIn, parseExact } from '../../../src/core/import/exact-json.js';

const parse = (text: string) => parseExact(text, JSON.parse);

/** A decimal in any form that JSON has for it. */
const written = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.bigInt({ min: 1n, max: 10n ** 25n }).map(String)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{1,25}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?[0-9]{1,2}$/)),
  )
  .map((parts) => parts.join(''));

/** Texts that look like numbers, and all that could confuse one who looks for them. */
const text = fc.oneof(
  fc.string(),
  written,
  fc.constantFrom('a": 1.10, "b', '\\', '\\"', ': 1.0}', '[1.10]'),
);

test('every number is kept as it was written, and parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        text,
        fc.oneof(
          text,
          written.map((one) => ({ one })),
        ),
      ),
      (values) => {
        const parts = Object.entries(values).map(([key, value]) => [
          JSON.stringify(key),
          typeof value === 'string' ? JSON.stringify(value) : value.one,
        ]);
        const json = `{${parts.map((pair) => pair.join(': ')).join(' , ')}}`;
        const parsed = parse(json) as Record<string, number>;
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(json)));
        for (const [key, value] of Object.entries(values)) {
          if (typeof value !== 'string') expect(decimalIn(parsed, key)).toBe(value.one);
        }
      },
    ),
    { seed: 20_261_130, numRuns: 500 },
  );
});

test('a copy by spread keeps what was written, a number that was changed since does not', () => {
  const parsed = parse('{"value": 1.10, "list": [{"value": 2.0}]}') as { value: number };
  expect(decimalIn({ ...parsed }, 'value')).toBe('1.10');
  expect(decimalIn({ ...parsed, value: 7 }, 'value')).toBe('7');
  expect(decimalIn({} as { value?: number }, 'value')).toBeUndefined();
});

test('the canonical form has the numbers as they were written, and two precisions are two texts', () => {
  const json = '{"b":[{"value":1.10},{"value":66.899999999999991}],"a":"1.10"}';
  expect(canonicalExactJson(parse(json))).toBe(
    '{"a":"1.10","b":[{"value":1.10},{"value":66.899999999999991}]}',
  );
  expect(canonicalExactJson(parse('{"v": 1.1}'))).toBe('{"v":1.1}');
  expect(canonicalExactJson(parse('{"v": [1.10, 2]}'))).toBe('{"v":[1.10,2]}');
});

test.each(['{"a": 01.10}', '{1.10: 2}', '{"a": 1.10', '[1.10 2.0]', '-', '{"a": "1.10}'])(
  '%s is no JSON, as it was before',
  (json) => {
    expect(() => parse(json)).toThrow(SyntaxError);
  },
);

test.each([
  ['a list', `[${'1.0,'.repeat(199_999)}1.0]`],
  ['an object', `{${Array.from({ length: 200_000 }, (_, i) => `"a${i}":1.0`).join()}}`],
])('200,000 numbers of %s cost no more than their number', (_, json) => {
  const started = performance.now();
  const text = canonicalExactJson(parse(json));
  // A copy for each number took a minute for a fifth of them.
  expect(performance.now() - started).toBeLessThan(8_000);
  expect(text.match(/1\.0/g)).toHaveLength(200_000);
});

test.each(['constructor', 'toString', '10'])('a number named %s is kept', (name) => {
  const json = `{"${name}":1.10}`;
  expect(canonicalExactJson(parse(json))).toBe(json);
});
