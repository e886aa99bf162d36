import { describe, expect, test } from 'vitest';
import { isId, readName, referenceTo, toServer } from '../../../src/records/identity/server.js';
import { entriesOf, validateEntries } from '../../../src/records/import/bundle.js';

describe('an id', () => {
  test.each(['a', 'A-b.9', '.', '-', 'x'.repeat(64)])('%s is one', (id) => {
    expect(isId(id)).toBe(true);
  });

  test.each([
    ['none', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a blank', 'a b'],
    ['a newline at its end', 'a\n'],
    ['a slash', 'a/b'],
    ['an underscore', 'a_b'],
    ['a Cyrillic a', 'р1'],
    ['a full-width digit', 'p１'],
    ['a zero-width space', 'p\u200b1'],
    ['U+0000', 'p\u0000'],
  ])('is refused with %s', (_, id) => {
    expect(isId(id)).toBe(false);
  });

  test('of up to 255 characters is taken where such are asked for', () => {
    expect(isId('e'.repeat(88), { longIds: true })).toBe(true);
    expect(isId('e'.repeat(256), { longIds: true })).toBe(false);
  });
});

describe('a server', () => {
  test.each([
    ['https://ehr.example/fhir', 'https://ehr.example/fhir'],
    ['https://EHR.example:443/fhir///', 'https://ehr.example/fhir'],
    ['HTTP://ehr.example', 'http://ehr.example'],
    ['https://ehr.example/FHIR/r4/', 'https://ehr.example/FHIR/r4'],
  ])('%s is known as %s', (base, server) => {
    expect(toServer(base)).toBe(server);
  });

  test.each([
    'ehr.example',
    'ftp://ehr.example',
    'https://u:p@ehr.example',
    'https://e.example/?a=b',
    '',
  ])('%s is none', (base) => expect(() => toServer(base)).toThrow(/not the base URL/));
});

describe('a reference', () => {
  const read = (reference: string) => readName(reference, 'https://own.example');
  test.each([
    ['Patient/1', 'https://own.example/Patient/1'],
    ['Patient/1/_history/2', 'https://own.example/Patient/1'],
    ['https://a.example/fhir/Patient/1', 'https://a.example/fhir/Patient/1'],
    ['HTTPS://A.example:443/fhir/Patient/1/_history/2', 'https://a.example/fhir/Patient/1'],
    ['https://a.example/fhir/Patient/x/Patient/1', 'https://a.example/fhir/Patient/x/Patient/1'],
  ])('%s names %s', (reference, url) => {
    const name = read(reference);
    expect(name && referenceTo(name)).toBe(url);
  });

  test.each([
    'Patient',
    'Patient/',
    'Patient/a b',
    'patient/1',
    'Patient?identifier=1',
    'Patient/1#x',
    '#p',
    'urn:uuid:4f6a0b0e-0000-4000-8000-000000000001',
    '/Patient/1',
    '../Patient/1',
    'https://a.example/fhir?x/Patient/1',
  ])('%s names no resource', (reference) => {
    expect(read(reference)).toBeUndefined();
  });
});

describe('a long reference', () => {
  test('is read no further than 2,048 characters', () => {
    const started = performance.now();
    for (let i = 0; i < 3; i += 1) {
      const slashes = `https://h/${'/'.repeat(80_000 + i)}x/Patient/1`;
      expect(readName(slashes, '')).toBeUndefined();
      expect(() => toServer(slashes)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    }
    // One took 2.7 s.
    expect(performance.now() - started).toBeLessThan(1_000);
    const longest = `https://h/${'x'.repeat(2_048 - 20)}/Patient/1`.slice(0, 2_048);
    expect(longest).toHaveLength(2_048);
    expect(readName(longest, '')).toMatchObject({ type: 'Patient', id: '1' });
  });

  test('as the fullUrl of an entry leaves it to no other server', () => {
    const entry = (fullUrl: string, more: object) => ({ fullUrl, ...more });
    const long = `https://a.example/${'x'.repeat(2_048)}/Patient/1`;
    const sorted = validateEntries(
      entriesOf({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          entry(long, { resource: { resourceType: 'Patient', id: '1' } }),
          entry(long, { request: { method: 'DELETE', url: 'Patient/1' } }),
          entry('https://a.example/Patient/1', { resource: { resourceType: 'Patient', id: '1' } }),
        ],
      }),
      () => undefined,
      { distinct: true, origin: { source: 'x', server: '', longIds: false } },
    );
    expect(sorted.refused.map(({ entry: { code } }) => code)).toEqual([
      'FHIR_INVALID',
      'FHIR_INVALID',
    ]);
    expect(sorted.deleted).toEqual([]);
    expect(sorted.valid.map(({ name }) => name.server)).toEqual(['https://a.example']);
  });
});
