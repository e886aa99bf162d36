import type { Quantity } from '@medplum/fhirtypes';
import { describe, expect, test, vi } from 'vitest';
import { parseExact } from '../../../src/core/import/exact-json.js';
import { safeUcum } from '../../../src/records/deidentify/ucum.js';
import { parseQuantity, parseRange, parseRatio } from '../../../src/records/fhir/quantity.js';
import { readRecord } from '../../../src/records/kinds/parse-record.js';
import { valueSets } from '../../support/records/definitions.js';
import { sampleOf } from '../../support/records/kind-samples.js';

const system = 'http://unitsofmeasure.org';
const inUnit = (code: string, unit = code) => parseQuantity({ value: 4.7, unit, system, code });

describe('a unit', () => {
  const common = valueSets()('http://hl7.org/fhir/ValueSet/ucum-common');

  test('of ucum-common leaves as it is, annotations and all', () => {
    expect(common.length).toBeGreaterThan(1_300);
    expect(common.filter((code) => safeUcum(code) !== code)).toEqual([]);
    expect(common.filter((code) => inUnit(code)?.code !== code)).toEqual([]);
  });

  test.each([
    ...['{log_copies}/mL', '{log10_copies}/mL', "[beth'U]", "[todd'U]", '/(12.h)', '[gal_us]'],
    ...['mL/min/{1.73_m2}', 'mg/(24.h)', 'mmol/mol{creat}', 'ng{FEU}/mL', '10*3/uL', '10^3/uL'],
    ...[
      '%{WBC}',
      'mm[Hg]',
      'cm[H2O]',
      'k[IU]/L',
      '{score}',
      '{M.o.M}',
      'm2',
      'kg/m2',
      '1',
      '10*-6',
    ],
  ])('%s is UCUM', (code) => {
    expect(inUnit(code)).toEqual({ value: '4.7', comparator: null, unit: code, code });
  });

  test.each([
    ...['mg{Ana}', '{Ana}', '{Ana Smith}/mL', '{555-0134}', '734829015', '555.013.4', '12345678'],
    ...[
      'mg mL',
      'mg/',
      '',
      'Ana',
      'mg()',
      '{{a}}',
      'mg{',
      'u()U/',
      '{über}',
      '1234.mg',
      '{Smith}',
      '\u0000',
    ],
  ])('%j does not leave, nor an amount that was written in it', (code) => {
    const printed = vi.spyOn(console, 'log');
    expect(safeUcum(code)).toBeNull();
    if (code !== '') expect(inUnit(code)).toBeNull();
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test.each([
    ['/mL', '{Ana}/mL'],
    ['log copies/mL', '/mL'],
    ['lg copies', '{copies}'],
  ])('%s beside the code %s is another amount without what one of them says', (unit, code) => {
    expect(inUnit(code, unit)).toBeNull();
  });

  test.each<[Quantity, unknown]>([
    [
      { value: 1, unit: 'mmHg', system, code: 'mmHg' },
      { unit: 'mmHg', code: null },
    ],
    [
      { value: 1, unit: 'Milligrams per liter', system, code: 'mg/L' },
      { unit: 'mg/L', code: 'mg/L' },
    ],
    [
      { value: 1, unit: 'Tablets' },
      { unit: 'Tablets', code: null },
    ],
    [{ value: 1 }, { unit: null, code: null }],
    [
      {
        value: 1,
        system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm',
        code: 'TAB',
      },
      { unit: 'TAB', code: null },
    ],
  ])('%j is told as %j', (quantity, told) => {
    expect(parseQuantity(quantity)).toEqual({ value: '1', comparator: null, ...(told as object) });
  });

  test('an end of a range that may not leave is not an open end', () => {
    expect(parseRange({ low: { value: 1, unit: 'Ana' }, high: { value: 2 } })).toBeNull();
    expect(parseRange({ high: { value: 2 } })).toMatchObject({ low: null, high: { value: '2' } });
  });
});

describe('a decimal', () => {
  test.each([
    '1.10',
    '66.899999999999991',
    '12345678901234567.25',
    '0.0',
    '-0.50',
    '1.0e3',
    '7',
    '1e-7',
  ])('%s leaves as it was written', (written) => {
    const text = `{"value": ${written}, "unit": "mg 1.10,", "code" : "mg", "system": "${system}"}`;
    const quantity = parseExact(text, JSON.parse) as Quantity;
    expect(quantity.value).toBe(Number(written));
    expect(parseQuantity({ ...quantity, unit: 'mg' })?.value).toBe(written);
  });

  test('of more digits than are stored is not cut: the amount does not leave', () => {
    const text = `{"value": 1.${'0'.repeat(31)}}`;
    expect(parseQuantity(parseExact(text, JSON.parse) as Quantity)).toBeNull();
  });

  test('of an age above ninety is ninety, however it was written', () => {
    const age = (value: string) =>
      parseQuantity(
        parseExact(
          `{"value": ${value}, "system": "${system}", "code": "a"}`,
          JSON.parse,
        ) as Quantity,
      )?.value;
    expect([age('90.00'), age('90.10'), age('104.0'), age('12.50')]).toEqual([
      '90.00',
      '90',
      '90',
      '12.50',
    ]);
  });
});

test('a dosage is told whole', () => {
  const inMg = (value: number, unit = 'mg') => ({ value, unit, system, code: unit });
  const forms = 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm';
  const dosageInstruction = [
    {
      timing: {
        repeat: {
          boundsDuration: inMg(5, 'd'),
          frequency: 1,
          frequencyMax: 2,
          period: 4,
          periodMax: 6,
          periodUnit: 'h',
          when: ['AC', 'MORN.early'],
          offset: 30,
          dayOfWeek: ['mon'],
          count: 10,
        },
      },
      doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB', system: forms, code: 'TAB' } }],
      maxDosePerPeriod: { numerator: inMg(4, 'g'), denominator: inMg(24, 'h') },
    },
    { doseAndRate: [{ doseQuantity: inMg(500), rateQuantity: inMg(5, 'mL/h') }] },
  ];
  const { content } =
    readRecord(sampleOf('MedicationRequest', 'x', 'p', { dosageInstruction })).record ?? {};
  const told = (value: string, unit: string) => ({ value, comparator: null, unit, code: unit });
  expect(content).toMatchObject({
    partial: expect.not.arrayContaining([expect.stringContaining('dosage')]) as string[],
    dosageInstruction: [
      {
        timing: {
          boundsDuration: told('5', 'd'),
          frequency: 1,
          frequencyMax: 2,
          period: '4',
          periodMax: '6',
          periodUnit: 'H',
          when: ['AC', 'MORN_EARLY'],
          offset: 30,
          dayOfWeek: ['MON'],
          count: 10,
        },
        doseAndRate: [{ doseQuantity: { value: '1', unit: 'TAB' } }],
        maxDosePerPeriod: { numerator: told('4', 'g'), denominator: told('24', 'h') },
      },
      { doseAndRate: [{ doseQuantity: told('500', 'mg'), rateQuantity: told('5', 'mL/h') }] },
    ],
  });
});

describe('a time longer than ninety years', () => {
  test.each([
    ['95', 'a', '90'],
    ['95', 'a_j', '90'],
    ['95', 'a_g', '90'],
    ['9.5', '10.a', '9'],
    ['1.2', '10*2.a', '0.9'],
    ['1100', 'mo', '1080'],
    ['1200', 'mo_s', '1113'],
    ['5000', 'wk', '4696'],
    ['40000', 'd', '32872'],
    ['1000000', 'h', '788940'],
    ['3000000000', 's', '2840184000'],
    ['95', 'a{age}', null],
    ['95', '{years}', '90'],
    ['95', '1{years}', null],
  ])('%s in UCUM %s is shown as %s', (value, code, shown) => {
    const text = `{"value": ${value}, "system": "${system}", "code": "${code}"}`;
    const told = parseQuantity(parseExact(text, JSON.parse) as Quantity)?.value;
    // A code that does not leave tells no age either.
    if (shown === null) expect([undefined, '90']).toContain(told);
    else expect(told).toBe(shown);
  });

  test.each([
    ['years', 95, '90'],
    ['Years', 95, '90'],
    ['YEARS', 95, '90'],
    ['yr', 90, '90'],
    ['Months', 1_100, '1080'],
    ['Hours', 1_000_000, '788940'],
    ['weeks', 4_000, '4000'],
    ['mg', 9_500, '9500'],
    ['/a', 95, '95'],
    ['{score}', 95, '95'],
    ['mg/d', 40_000, '40000'],
  ])('of the unit %s: %s is shown as %s', (unit, value, shown) => {
    expect(parseQuantity({ value, unit })?.value).toBe(shown);
  });

  test('is not shown in a ratio or a range either', () => {
    const age = { value: 95, unit: 'Years' };
    expect(parseRange({ low: { value: 18, unit: 'Years' }, high: age })?.high?.value).toBe('90');
    expect(parseRatio({ numerator: age, denominator: { value: 1 } })?.numerator.value).toBe('90');
  });
});

test('a form of a medicine is one of the list', () => {
  const forms = 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm';
  expect(parseQuantity({ value: 1, system: forms, code: 'ERTAB' })?.unit).toBe('ERTAB');
  expect(parseQuantity({ value: 1, system: forms, code: 'ANASMITH' })).toBeNull();
});
