import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { readRecord } from '../../../src/records/kinds/parse-record.js';
import { coded, condition } from '../../support/records/clinic.js';
import { sampleOf } from '../../support/records/kind-samples.js';

const SNOMED = 'http://snomed.info/sct';
const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips';

const allergy = (code: object | undefined) =>
  readRecord(JSON.parse(JSON.stringify(sampleOf('AllergyIntolerance', 'a', 'p', { code }))));

describe('an allergy that there is none of', () => {
  test.each([
    [{ text: 'No known allergies' }],
    [{ text: 'NKDA' }],
    [{ text: 'Keine bekannten Allergien' }],
    [{ text: 'peanut' }],
    [{ coding: [{ system: 'urn:local', code: 'NKA', display: 'no known allergy' }] }],
    [{ coding: [{ code: '716186003' }] }],
    [{}],
    [undefined],
    // A kind of allergy, with words that take it back.
    [{ ...coded(SNOMED, '416098002'), text: 'No known drug allergies' }],
    [{ coding: [{ system: SNOMED, code: '416098002', display: 'No known drug allergy' }] }],
  ])('is not told as one without a code: %j', (code) => {
    expect(allergy(code)).toEqual({ record: undefined, withheldBy: 'AllergyIntolerance.code' });
  });

  test.each(['716186003', '409137002', '428607008', '429625007'])(
    'is told by its code, SNOMED CT %s',
    (code) => {
      const { record, withheldBy } = allergy({ ...coded(SNOMED, code), text: 'No known allergy' });
      expect(withheldBy).toBeUndefined();
      expect(record?.content).toMatchObject({ code: { coding: [{ system: SNOMED, code }] } });
    },
  );

  test('is told by the code of an International Patient Summary whole or not at all', () => {
    const { record } = allergy(coded(ABSENT, 'no-known-allergies'));
    const told = (record?.content as { code?: { coding: object[] } } | undefined)?.code?.coding;
    expect([undefined, 'no-known-allergies']).toContain((told?.[0] as { code: string })?.code);
    expect(told?.length).not.toBe(0);
  });
});

test.each([
  ['Condition', { code: { text: 'No known problems' } }, 'code'],
  ['Procedure', { code: { text: 'no known procedures' } }, 'code'],
  ['Immunization', { vaccineCode: { text: 'No immunizations' } }, 'vaccineCode'],
  [
    'MedicationRequest',
    { medicationCodeableConcept: { text: 'no current medications' } },
    'medicationCodeableConcept',
  ],
] as const)('a %s of which there is none is no row', (kind, change, element) => {
  const resource = sampleOf(kind, 'x', 'p', change);
  expect(readRecord(resource)).toEqual({ record: undefined, withheldBy: `${kind}.${element}` });
  const other = sampleOf(kind, 'x', 'p', {
    [element]: { text: 'Nodular thing, not otherwise said' },
  });
  expect(readRecord(other).record?.content.partial).toContain(element);
});

test('the end of a time in which something began is not its end', () => {
  const read = (change: object) =>
    readRecord(
      JSON.parse(
        JSON.stringify(condition('c', 'p', { onsetDateTime: undefined, ...change })),
      ) as Resource,
    ).record?.content;
  const onsetPeriod = { start: '2020-01-01', end: '2020-06-01' };
  expect(read({ onsetPeriod })).toMatchObject({
    onset: null,
    abatement: null,
    partial: ['onsetPeriod'],
  });
  expect(read({ abatementPeriod: onsetPeriod })).toMatchObject({
    abatement: null,
    partial: ['abatementPeriod'],
  });
  expect(read({ onsetDateTime: '2020', abatementDateTime: '2021' })).toMatchObject({
    onset: '2020',
    abatement: '2021',
    partial: [],
  });
});
