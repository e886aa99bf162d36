import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCursor,
  encodeCursor,
  MAX_PAGE,
  mergeSorted,
  pageSize,
} from '../../src/graph/page.js';

const byNumber = (a: number, b: number) => a - b;

describe('pageSize', () => {
  test('is what was asked for, or the usual', () => {
    expect([pageSize(1, 50), pageSize(MAX_PAGE, 50)]).toEqual([1, MAX_PAGE]);
    expect([pageSize(null, 50), pageSize(undefined, 50)]).toEqual([50, 50]);
  });

  test.each([0, -1, MAX_PAGE + 1, 1.5, Number.NaN])('refuses %s', (first) => {
    expect(() => pageSize(first, 50)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('cursors', () => {
  test('carry a key there and back', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), (key) => {
        expect(decodeCursor(encodeCursor(key), key.length)).toEqual(key);
      }),
    );
  });

  test('of no page is no key', () => {
    expect([decodeCursor(null, 1), decodeCursor(undefined, 1)]).toEqual([undefined, undefined]);
  });

  test.each([
    '',
    'not a cursor',
    Buffer.from('{"0":"a"}').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
    encodeCursor(['a', 'b']),
  ])('that this API never gave are refused: %j', (cursor) => {
    expect(() => decodeCursor(cursor, 1)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('mergeSorted', () => {
  test('pages through shards that meet every row once, in order, whatever the split', () => {
    const shards = fc.array(fc.array(fc.nat(200)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shards, fc.integer({ min: 1, max: 7 }), (split, size) => {
        const sorted = split.map((rows) => [...new Set(rows)].sort(byNumber));
        const seen: number[] = [];
        for (let after = -1, more = true; more; ) {
          const asked = sorted.map((rows) => {
            const left = rows.filter((row) => row > after);
            return { rows: left.slice(0, size), hasNextPage: left.length > size };
          });
          const page = mergeSorted(asked, size, byNumber, (row) => row);
          expect(page.rows.length).toBeLessThanOrEqual(size);
          seen.push(...page.rows);
          after = page.rows.at(-1) ?? after;
          more = page.hasNextPage;
        }
        expect(seen).toEqual([...new Set(sorted.flat())].sort(byNumber));
      }),
    );
  });

  test('joins rows of several shards that are one', () => {
    const row = (key: number, from: string) => ({ key, from });
    const { rows, hasNextPage } = mergeSorted(
      [
        { rows: [row(1, 'a'), row(3, 'a')], hasNextPage: false },
        { rows: [row(1, 'b'), row(2, 'b')], hasNextPage: false },
      ],
      3,
      (a, b) => a.key - b.key,
      (a, b) => row(a.key, a.from + b.from),
    );
    expect(rows.map(({ from }) => from)).toEqual(['ab', 'b', 'a']);
    expect(hasNextPage).toBe(false);
  });

  test('says that there is more if any shard has', () => {
    const more = { rows: [1], hasNextPage: true };
    const none = { rows: [], hasNextPage: false };
    expect(mergeSorted([more, none], 5, byNumber).hasNextPage).toBe(true);
    expect(mergeSorted([none], 5, byNumber)).toEqual({ rows: [], hasNextPage: false });
  });
});
