import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson, keyedId, sha256Hex } from '../../src/core/canonical.js';
import { toInstitutionId, toPseudonym, toStudyId } from '../../src/core/ids.js';

const malformed = expect.objectContaining({ code: 'ID_MALFORMED' });

describe('an id', () => {
  test.each([
    [toInstitutionId, 'riverside-hospital'],
    [toInstitutionId, 'abc'],
    [toStudyId, 'NCT90000001'],
    [toPseudonym, '0'],
    [toPseudonym, '218882428718392'],
  ] as const)('%o takes %s', (toId, text) => {
    expect(toId(text)).toBe(text);
  });

  test.each([
    [toInstitutionId, ''],
    [toInstitutionId, 'ab'],
    [toInstitutionId, 'Riverside'],
    [toInstitutionId, '9lives'],
    [toInstitutionId, 'a"; DROP SCHEMA public; --'],
    [toInstitutionId, 'riverside-hospital\n'],
    [toInstitutionId, 'a'.repeat(41)],
    [toStudyId, '../x'],
    [toStudyId, '-NCT1'],
    [toStudyId, 'a'.repeat(65)],
    [toPseudonym, '01'],
    [toPseudonym, '-1'],
    [toPseudonym, '1e5'],
    [toPseudonym, '9'.repeat(78)],
    [toPseudonym, 5 as unknown as string],
  ] as const)('%o refuses %j', (toId, text) => {
    expect(() => toId(text)).toThrow(malformed);
  });
});

describe('canonical JSON', () => {
  test('is one text for one value, as RFC 8785 has it', () => {
    // The example of RFC 8785, section 3.2.3: members sort by UTF-16 code units.
    const value = { '€': 'Euro Sign', '\r': 'CR', 1: 'One', '😀': 'Emoji', é: 'e' };
    expect(Object.keys(JSON.parse(canonicalJson(value)))).toHaveLength(5);
    expect(canonicalJson({ b: [1.0, 1e21], a: { d: null, c: '\u2028' } })).toBe(
      '{"a":{"c":"\u2028","d":null},"b":[1,1e+21]}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });

  test('has no form for what is not JSON', () => {
    expect(() => canonicalJson(undefined)).toThrow('Invariant');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow();
  });
});

test('hashes parts as if they were one', () => {
  const expected = createHash('sha256').update('abc').digest('hex');
  expect(sha256Hex('a', new Uint8Array([0x62]), 'c')).toBe(expected);
});

describe('an id under a key', () => {
  const key = Buffer.alloc(32, 1);

  test('is the same for the same parts, and another under another key', () => {
    expect(keyedId(key, 'study', 'id')).toBe(keyedId(key, 'study', 'id'));
    expect(keyedId(key, 'study', 'id')).not.toBe(keyedId(Buffer.alloc(32, 2), 'study', 'id'));
    expect(keyedId(key, 'study', 'id')).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test('does not confuse where one part ends and the next begins', () => {
    expect(keyedId(key, 'ab', 'c')).not.toBe(keyedId(key, 'a', 'bc'));
  });
});
