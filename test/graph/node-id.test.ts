import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toInstitutionId, toPseudonym, toStudyId } from '../../src/core/ids.js';
import {
  decodeId,
  idOfDisclosure,
  idOfLot,
  idOfParticipant,
  idOfStudy,
} from '../../src/graph/node/id.js';
import { identify } from '../../src/graph/node/identify.js';
import { UNPROVEN_STUDY } from '../support/names.js';

const OF_EACH = [
  idOfStudy(UNPROVEN_STUDY),
  idOfParticipant({ study: UNPROVEN_STUDY, pseudonym: toPseudonym('1002') }),
  idOfLot({ gtin: '09521234001010', lot: 'HX364522' }),
  idOfDisclosure({ custodian: 'riverside-hospital', id: 1 }),
  idOfDisclosure({ custodian: 'lakeshore-hospital', id: 1 }),
];

describe('ids', () => {
  test('of a study, its trial and an institution called alike are three', () => {
    const slug = 'northwind-trials';
    expect(identify(slug)).toEqual({ type: 'Institution', key: [slug] });
    expect(identify(idOfStudy(toStudyId(slug)))).toEqual({ type: 'Study', key: [slug] });
    expect(identify(UNPROVEN_STUDY)).toEqual({ type: 'Trial', key: [UNPROVEN_STUDY] });
    expect(identify(idOfStudy(UNPROVEN_STUDY))).toEqual({ type: 'Study', key: [UNPROVEN_STUDY] });
  });

  test('are never what an institution or a study is called by', () => {
    expect(new Set(OF_EACH).size).toBe(OF_EACH.length);
    for (const id of OF_EACH) {
      expect(() => toInstitutionId(id)).toThrow();
      expect(() => toStudyId(id)).toThrow();
    }
  });

  test('of one form alone: another text of the same bytes is no id', () => {
    const [id = ''] = OF_EACH;
    const spaced = Buffer.from(`["Study", "${UNPROVEN_STUDY}"]`).toString('base64url');
    const twins = [`${id}=`, `${id} `, `_ ${id.slice(1)}`, `_${spaced}`, id.slice(1)];
    expect(twins.map(decodeId)).toEqual(twins.map(() => undefined));
  });

  test('that were not made here name nothing, whatever they are', () => {
    const made = (parts: unknown) => `_${Buffer.from(JSON.stringify(parts)).toString('base64url')}`;
    for (const id of [
      '',
      '_',
      '_!',
      made({}),
      made([]),
      made([1]),
      made(['Query']),
      'x'.repeat(9_999),
    ])
      expect(identify(id)).toBeUndefined();
    // An institution and a trial have their own ids, and a disclosure is found by nobody's id.
    for (const parts of [
      ['Institution', 'a-b-c'],
      ['Trial', UNPROVEN_STUDY],
      ['Disclosure', 'a', '1'],
    ])
      expect(identify(made(parts))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void identify(text)));
  });
});
