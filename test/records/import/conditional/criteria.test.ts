import { describe, expect, test } from 'vitest';
import {
  readConditionalUrl,
  readCriteria,
} from '../../../../src/records/import/conditional/criteria.js';

const read = (query: string) => readCriteria({ type: 'Patient', query }, 'request.ifNoneExist');

describe('the criteria of a condition', () => {
  test.each<[string, string | undefined, string]>([
    ['identifier=urn:mrn|7', 'urn:mrn', '7'],
    ['identifier=http%3A%2F%2Fehr.example%2Fmrn%7C7%2B1', 'http://ehr.example/mrn', '7+1'],
    ['identifier=7', undefined, '7'],
    ['identifier=|7', '', '7'],
    [String.raw`identifier=urn:mrn|a\,b\|c\\d`, 'urn:mrn', 'a,b|c\\d'],
    ['identifier=urn:mrn|7=8', 'urn:mrn', '7=8'],
    ['identifier=urn:mrn|Zo%C3%AB 7', 'urn:mrn', 'Zoë 7'],
  ])('%s is one identifier', (query, system, value) => {
    expect(read(query)).toEqual({ type: 'Patient', system, value });
  });

  test.each([
    '',
    'name=Smith',
    'identifier=urn:mrn|7&name=Smith',
    'identifier=urn:mrn|7&identifier=urn:mrn|8',
    'identifier:exact=urn:mrn|7',
    'identifier:of-type=http://x|MR|7',
    'identifier=urn:mrn|7,urn:mrn|8',
    'identifier=urn:mrn|',
    'identifier=',
    'identifier=urn:mrn|7|8',
    'identifier=urn:mrn|7+8',
    'identifier=urn:mrn|%ZZ',
    '_id=7',
    'IDENTIFIER=urn:mrn|7',
  ])('%s is refused by the element, and its value is not told', (query) => {
    const refused = expect.objectContaining({ code: 'FHIR_CONDITION_UNSUPPORTED' });
    expect(() => read(query)).toThrow(refused);
    expect(() => read(query)).toThrow(/request.ifNoneExist/);
    expect(() => read(query)).not.toThrow(/Smith|urn:mrn/);
  });
});

test.each([
  'Patient/1',
  'patient?identifier=7',
  'https://a.example/Patient?identifier=7',
  '?a=b',
  '',
])('%s is no conditional URL', (url) => {
  expect(readConditionalUrl(url)).toBeUndefined();
});
