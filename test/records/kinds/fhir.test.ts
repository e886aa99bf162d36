import type { MedicationDispense, Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { parseFhirTime } from '../../../src/core/fhir-time.js';
import { ANY_TIME, isoFromSeconds } from '../../../src/core/time.js';
import { parseRecord } from '../../../src/records/kinds/parse-record.js';
import { labelBits, labelBitsOfMeta } from '../../../src/records/labels/label.js';
import { coded, condition, observation } from '../../support/records/clinic.js';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ALL_LABELS = labelBits(['PSY', 'SUD', 'HIV', 'SDV', 'GDIS']);

const amount = (value: string) => ({ value, comparator: null, unit: null, code: null });

/** What was read, whichever kind it is. */
function contentOf(resource: Resource): Readonly<Record<string, unknown>> {
  return { ...parseRecord(resource)?.content };
}

test.each([
  ['2024', '2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-12', '2024-12-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['2024-02-29T23:30:00-05:00', '2024-03-01T04:30:00.000Z', '2024-03-01T04:30:01.000Z'],
])('%s lasts from %s until %s', (text, from, until) => {
  const period = parseFhirTime(text);
  expect([isoFromSeconds(period.from), isoFromSeconds(period.until)]).toEqual([from, until]);
});

describe('the span that a window must cover', () => {
  const spanOf = (change: object) =>
    parseRecord(observation('o', 'p', { effectiveDateTime: undefined, ...change }))?.span;

  test('an effective period without an end may go on for ever, and without a start is any old', () => {
    const { from, until } = parseFhirTime('2020-01-01');
    expect(spanOf({ effectivePeriod: { start: '2020-01-01' } })).toEqual({ ...ANY_TIME, from });
    expect(spanOf({ effectivePeriod: { end: '2020-01-01' } })).toEqual({ ...ANY_TIME, until });
    expect(spanOf({})).toEqual(ANY_TIME);
  });

  test('every date of a condition is within it', () => {
    const dates = { onsetDateTime: '1999-05', abatementDateTime: '2025-06-07' };
    const span = parseRecord(condition('c', 'p', dates))?.span;
    expect(span).toEqual({
      from: parseFhirTime('1999-05').from,
      until: parseFhirTime('2025-06-07').until,
    });
  });
});

describe('labels', () => {
  const bits = (...security: [system: string, code: string][]) =>
    labelBitsOfMeta({ security: security.map(([system, code]) => ({ system, code })) });

  test('a known sensitivity is the bit that its grant clears', () => {
    expect(bits([ACT_CODE, 'HIV'])).toBe(labelBits(['HIV']));
    expect(bits([ACT_CODE, 'PSY'], [CONFIDENTIALITY, 'R'])).toBe(labelBits(['PSY']));
    expect(bits([CONFIDENTIALITY, 'N'])).toBe(0);
  });

  test.each([
    ['an unknown sensitivity', [[ACT_CODE, 'TABOO']]],
    ['a name of every object', [[ACT_CODE, 'constructor']]],
    ['restricted without a reason', [[CONFIDENTIALITY, 'V']]],
    ['another system', [['urn:local', 'VIP']]],
    [
      'a known one beside an unknown',
      [
        [ACT_CODE, 'PSY'],
        [ACT_CODE, 'TABOO'],
      ],
    ],
  ] as [string, [string, string][]][])('%s is in no permit', (_, security) => {
    // Beyond every label that a scope has room for.
    expect(bits(...security)).toBeGreaterThan(ALL_LABELS);
  });
});

describe('what is read', () => {
  test('codings without a system, sentences as codes and all free text stay behind', () => {
    const coding = [
      { code: 'local' },
      { system: 'http://loinc.org', code: 'a sentence that says much of someone' },
      { system: 'not a uri', code: '1' },
      { system: 'http://loinc.org', code: '4548-4' },
    ];
    const content = parseRecord(observation('o', 'p', { code: { coding, text: 'Ana' } }))?.content;
    expect(content).toMatchObject({
      code: { coding: [{ system: 'http://loinc.org', code: '4548-4', display: null }] },
    });
  });

  test.each([
    [{ valueString: 'Ana lives alone' }, null],
    [{ valueQuantity: { value: 5, comparator: '<' } }, { ...amount('5'), comparator: 'LESS_THAN' }],
    [{ valueInteger: 3 }, { ...amount('3'), code: '1' }],
    [{ valueBoolean: false }, { text: 'false' }],
    [{ valueTime: '07:08:09' }, { text: '07:08:09' }],
    [{ valueDateTime: '2024-05' }, parseFhirTime('2024-05')],
    [{ valuePeriod: { start: '2024-05-01', end: '2024-05-31' } }, parseFhirTime('2024-05')],
    [{ valuePeriod: { start: '2024-05-01' } }, null],
    [{ valueRange: { low: { value: 1 } } }, { low: amount('1'), high: null }],
    [{ valueRange: {} }, null],
    [
      { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } },
      { numerator: amount('1'), denominator: amount('128') },
    ],
    [{ valueRatio: { numerator: { value: 1 } } }, null],
    [
      { valueSampledData: { origin: { value: 0 }, period: 10, dimensions: 1, data: '1 2 E' } },
      {
        origin: amount('0'),
        period: '10',
        factor: null,
        lowerLimit: null,
        upperLimit: null,
        dimensions: 1,
      },
    ],
  ])('%j has the value %j', (change, value) => {
    const resource = observation('o', 'p', { valueQuantity: undefined, ...change });
    expect(contentOf(resource).value).toEqual(value);
  });

  test.each([
    ['mmHg', 'mm[Hg]', 'mmHg', 'mm[Hg]'],
    ['Ana', 'mm[Hg]', 'mm[Hg]', 'mm[Hg]'],
    ['cells', '{cells}/uL', '{cells}/uL', '{cells}/uL'],
    [undefined, '10*3/uL', '10*3/uL', '10*3/uL'],
  ])('a unit %s with the code %s leaves as %s, %s', (unit, code, ...left) => {
    const system = 'http://unitsofmeasure.org';
    const valueQuantity = { value: 1, unit, system, code };
    const resource = observation('o', 'p', { valueQuantity });
    expect(contentOf(resource).value).toEqual({
      value: '1',
      comparator: null,
      unit: left[0],
      code: left[1],
    });
  });

  test.each([
    ['mg', 'mg{Ana}'],
    ['{Ana}', '{Ana}'],
    ['734829015', '734829015'],
    ['555-0134', 'Ana'],
  ])('an amount in %s with the code %s does not leave at all', (unit, code) => {
    const valueQuantity = { value: 1, unit, system: 'http://unitsofmeasure.org', code };
    const content = contentOf(observation('o', 'p', { valueQuantity }));
    expect(content).toMatchObject({ value: null, partial: ['valueQuantity'] });
  });

  test.each([
    ['http://snomed.info/sct', '59621000', true],
    ['http://snomed.info/sct', '59621001', false], // another check digit
    ['http://snomed.info/sct', '5550134477', false], // right by chance, but no concept
    ['http://loinc.org', '4548-4', true],
    ['http://loinc.org', '4548-5', false],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'E11.9', true],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'MRN-007', false],
    ['http://terminology.hl7.org/CodeSystem/v2-0074', 'LAB', true],
    ['http://terminology.hl7.org/CodeSystem/Ana', 'LAB', false],
    ['http://terminology.hl7.org/CodeSystem/observation-category', 'Ana', false],
    ['https://riverside.example/codes', '59621000', false],
    ['constructor', '59621000', false],
  ])('of %s the code %s may leave: %s', (system, code, may) => {
    const { coding } = contentOf(condition('c', 'p', { code: coded(system, code) })).code as {
      coding: unknown[];
    };
    expect(coding).toEqual(may ? [{ system, code, display: null }] : []);
  });

  test('a dispense leads to its lot by GTIN, and a serialised pack is not a medicine', () => {
    const gtin = (code: string) => ({ system: 'https://www.gs1.org/gtin', code });
    const serial = { system: 'urn:epc:id:sgtin', code: '9521234.000101.12345' };
    const dispense = (code: string, lotNumber?: string): MedicationDispense => ({
      resourceType: 'MedicationDispense',
      id: 'd',
      status: 'completed',
      contained: [
        {
          resourceType: 'Medication',
          id: 'pack',
          code: { coding: [gtin(code), serial] },
          ...(lotNumber === undefined ? {} : { batch: { lotNumber } }),
        },
      ],
      medicationReference: { reference: '#pack' },
    });
    const lotOf = (resource: MedicationDispense) => contentOf(resource).lot;
    expect(lotOf(dispense('9521234001012', 'HX1'))).toEqual({ gtin: '09521234001012', lot: 'HX1' });
    expect(lotOf(dispense('9521234001012'))).toBeNull();
    expect(lotOf(dispense('95212340', 'a lot for Ana'))).toBeNull();
    expect(lotOf(dispense('12', 'HX1'))).toBeNull();
    expect(JSON.stringify(parseRecord(dispense('9521234001012', 'HX1')))).not.toContain('12345"');
  });

  test('what was entered in error is no record', () => {
    const verificationStatus = coded(
      'http://terminology.hl7.org/CodeSystem/condition-ver-status',
      'entered-in-error',
    );
    expect(parseRecord(condition('c', 'p', { verificationStatus }))).toBeUndefined();
    expect(parseRecord(observation('o', 'p', { status: 'entered-in-error' }))).toBeUndefined();
  });
});
