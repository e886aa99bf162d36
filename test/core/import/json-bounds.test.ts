import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  JsonCounter,
  jsonBoundsFor,
  parseBoundedJson,
} from '../../../src/core/import/json-bounds.js';

const BOUNDS = { maxDepth: 8, maxValues: 1_000 };
const refused = (measure: string, most: number) =>
  expect.objectContaining({ code: 'INPUT_TOO_LARGE', facts: { measure, most } });

describe('parseBoundedJson', () => {
  test('parses what JSON.parse parses, and to the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseBoundedJson(text, jsonBoundsFor(1_000_000))).toEqual(JSON.parse(text));
        const bytes = new TextEncoder().encode(text);
        expect(parseBoundedJson(bytes, jsonBoundsFor(1_000_000))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('takes the deepest that is allowed, and refuses one level more', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseBoundedJson(nested(8), BOUNDS)).toBeDefined();
    expect(() => parseBoundedJson(nested(9), BOUNDS)).toThrow(refused('depth', 8));
    expect(() => parseBoundedJson('{"a":'.repeat(9), BOUNDS)).toThrow(refused('depth', 8));
  });

  test.each([
    ['numbers', '1'],
    ['empty lists', '[]'],
    ['empty objects', '{}'],
    ['texts', '""'],
    ['members', '{"a":1}'],
  ])('refuses more %s than are allowed', (_, one) => {
    const list = (length: number) => `[${Array.from({ length }, () => one).join()}]`;
    expect(parseBoundedJson(list(400), BOUNDS)).toHaveLength(400);
    expect(() => parseBoundedJson(list(1_001), BOUNDS)).toThrow(refused('values', 1_000));
  });

  test('counts nothing within a text, whatever quotes and backslashes it has', () => {
    const texts = ['[[[[[[[[[[', ',,,', '"[', '\\', '\\"[', '\\\\"[[[[[[[[[['];
    const many = Array.from({ length: 100 }, () => texts).flat();
    expect(parseBoundedJson(JSON.stringify(many), BOUNDS)).toEqual(many);
  });
});

test('what comes in pieces is counted as if it came whole', () => {
  const bytes = new TextEncoder().encode(
    JSON.stringify({ a: ['\\"[', '"', ['é[', '\\\\']], b: {} }),
  );
  const counted = (pieces: number) => {
    const counter = new JsonCounter({ maxDepth: 2, maxValues: 100 });
    for (let at = 0; at < bytes.length; at += pieces) counter.take(bytes.subarray(at, at + pieces));
  };
  for (const pieces of [1, 2, 3, 7, bytes.length]) {
    expect(() => counted(pieces)).toThrow(refused('depth', 2));
  }
});
