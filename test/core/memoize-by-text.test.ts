import { expect, test } from 'vitest';
import { memoizeByText } from '../../src/core/memoize-by-text.js';

test('asks once for a text, and again for all when it is full', () => {
  const asked: string[] = [];
  const length = memoizeByText(2, (text) => {
    asked.push(text);
    return text.length;
  });
  expect(['a', 'bb', 'a', 'bb'].map(length)).toEqual([1, 2, 1, 2]);
  expect(asked).toEqual(['a', 'bb']);
  expect(['ccc', 'a', 'ccc'].map(length)).toEqual([3, 1, 3]);
  expect(asked).toEqual(['a', 'bb', 'ccc', 'a']);
});

test('keeps no long text', () => {
  let asked = 0;
  const count = memoizeByText(10, () => (asked += 1));
  const long = 'x'.repeat(201);
  expect([count(long), count(long)]).toEqual([1, 2]);
});
