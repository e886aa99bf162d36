import { expect, test } from 'vitest';
import { mergeInto } from '../../../src/federation/executor/merge.js';

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype);

test('a value of an institution’s that names __proto__ changes no prototype', () => {
  const target = JSON.parse('{"record":{"count":1}}');
  mergeInto(target, JSON.parse('{"record":{"__proto__":{"polluted":true}}}'));
  mergeInto(target, JSON.parse('{"record":{"__proto__":{"more":true}}}'));
  const changed = Object.getOwnPropertyNames(Object.prototype).filter(
    (name) => !PROTOTYPE.includes(name),
  );
  // What this process has of it would be in every object after this test too.
  for (const name of changed) Reflect.deleteProperty(Object.prototype, name);
  expect(changed).toEqual([]);
  expect(JSON.stringify(target)).toBe(
    '{"record":{"count":1,"__proto__":{"polluted":true,"more":true}}}',
  );
  expect(Object.getPrototypeOf(target.record)).toBe(Object.prototype);
});

test('one that is new to an object is its own property', () => {
  const target: Record<string, unknown> = {};
  mergeInto(target, JSON.parse('{"__proto__":{"a":1},"constructor":null,"plain":[1]}'));
  expect(JSON.stringify(target)).toBe('{"__proto__":{"a":1},"constructor":null,"plain":[1]}');
  expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
});
