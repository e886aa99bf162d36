import { expect, test } from 'vitest';
import { type PreparedResource, prepareLines } from '../../../src/records/import/prepare.js';
import { fhirValidator } from '../../../src/records/import/validate.js';

const validator = await fhirValidator();
const origin = { source: 'x', server: '', longIds: false };

function prepared(change: object): PreparedResource {
  const patient = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1970-01-01' };
  const text = JSON.stringify({ ...patient, ...change });
  const { entries, refused } = prepareLines([{ number: 1, text }], validator, origin);
  expect(refused).toEqual([]);
  return entries[0] as PreparedResource;
}

test('the demographics of a Patient are kept where every modifier is understood', () => {
  const { patient, withheldBy } = prepared({});
  expect(withheldBy).toBeUndefined();
  expect(patient).toEqual([null, 'FEMALE', 1970, 0]);
});

test.each<[string, object]>([
  ['modifierExtension', { modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }],
  ['implicitRules', { implicitRules: 'http://example.org/rules' }],
  ['_implicitRules', { _implicitRules: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } }],
  ['meta.tag', { meta: { tag: [{ system: 'urn:x', code: 'deleted' }] } }],
])('with a modifier that is not: they are not kept, and %s is named', (element, change) => {
  const { patient, withheldBy } = prepared(change);
  expect(withheldBy).toBe(`Patient.${element}`);
  expect(patient).toEqual([null, null, null, 0]);
});
