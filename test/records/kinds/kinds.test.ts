import { describe, expect, test } from 'vitest';
import { parseFhirTime } from '../../../src/core/fhir-time.js';
import { ANY_TIME, covers, NO_END_SECONDS, type Period } from '../../../src/core/time.js';
import { KIND_NAMES, type KindName } from '../../../src/records/kinds/kinds.js';
import { parseRecord } from '../../../src/records/kinds/parse-record.js';
import { momentOf } from '../../../src/records/model/model.js';
import { coded } from '../../support/records/clinic.js';
import { SECRET, sampleOf } from '../../support/records/kind-samples.js';

const coding = (system: string, code: string) => ({ coding: [{ system, code, display: null }] });
const snomed = (code: string) => coding('http://snomed.info/sct', code);
const loinc = (code: string) => coding('http://loinc.org', code);
const rxnorm = (code: string) => coding('http://www.nlm.nih.gov/research/umls/rxnorm', code);
const hl7 = (system: string, code: string) =>
  coding(`http://terminology.hl7.org/CodeSystem/${system}`, code);
const amount = (value: string, code: string) => ({ value, comparator: null, unit: code, code });
const WORDS_ALONE = { coding: [] };
const DOSAGE_WORDS = [
  'asNeededCodeableConcept',
  'patientInstruction',
  'text',
  'timing.code',
  'timing.event',
].map((name) => `dosageInstruction.${name}`);
const NO_DOSE = {
  type: null,
  doseQuantity: null,
  doseRange: null,
  rateRatio: null,
  rateRange: null,
  rateQuantity: null,
};
const NO_TIMING = {
  boundsDuration: null,
  boundsRange: null,
  boundsPeriod: null,
  count: null,
  countMax: null,
  duration: null,
  durationMax: null,
  durationUnit: null,
  frequency: null,
  period: null,
  frequencyMax: null,
  periodMax: null,
  periodUnit: null,
  dayOfWeek: [],
  timeOfDay: [],
  when: [],
  offset: null,
  code: null,
};
const NO_DOSAGE = {
  sequence: null,
  additionalInstruction: [],
  asNeeded: null,
  asNeededFor: null,
  site: null,
  route: null,
  method: null,
  timing: null,
  doseAndRate: [],
  maxDosePerPeriod: null,
  maxDosePerAdministration: null,
  maxDosePerLifetime: null,
};
const THAT_MOMENT = parseFhirTime('2024-05-06T07:08:09Z');

const DOSAGE = {
  ...NO_DOSAGE,
  additionalInstruction: [snomed('311504000')],
  asNeeded: true,
  asNeededFor: WORDS_ALONE,
  route: snomed('26643006'),
  timing: { ...NO_TIMING, frequency: 2, period: '8', periodUnit: 'H', code: WORDS_ALONE },
  doseAndRate: [{ ...NO_DOSE, doseQuantity: amount('1', '{tbl}') }],
};

/** What each sample says once its words, its people and its identifiers are gone: all of it. */
const TOLD: Readonly<Record<KindName, object>> = {
  Encounter: {
    recorded: '2024-05-06',
    status: 'FINISHED',
    class: hl7('v3-ActCode', 'IMP').coding[0],
    type: [snomed('183452005')],
    period: { from: parseFhirTime('2024-05-06T07:00:00Z').from, until: dayEnd('2024-05-08') },
    reasonCode: [snomed('74400008')],
    dischargeDisposition: hl7('discharge-disposition', 'home'),
  },
  Condition: {
    recorded: '2024-05-06',
    category: [hl7('condition-category', 'problem-list-item')],
    code: snomed('59621000'),
    clinicalStatus: 'ACTIVE',
    verificationStatus: 'CONFIRMED',
    onset: '2020-01',
    abatement: null,
  },
  Observation: {
    recorded: '2024-05-06',
    status: 'FINAL',
    category: [hl7('observation-category', 'laboratory')],
    effective: THAT_MOMENT,
    bodySite: snomed('368209003'),
    method: snomed('37931006'),
    code: loinc('4548-4'),
    value: { ...amount('6.5', '%'), comparator: 'LESS_THAN' },
    dataAbsentReason: null,
    interpretation: [hl7('v3-ObservationInterpretation', 'H')],
    referenceRange: [{ low: amount('4', '%'), high: null, type: null, appliesTo: [] }],
    component: [
      component('8480-6', {}),
      component('8665-2', { value: parseFhirTime('2023-11-12') }),
      component('8462-4', { dataAbsentReason: hl7('data-absent-reason', 'masked') }),
    ],
  },
  MedicationRequest: {
    recorded: '2024-05-06',
    status: 'ACTIVE',
    intent: 'ORDER',
    category: [hl7('medicationrequest-category', 'community')],
    doNotPerform: false,
    medication: rxnorm('314076'),
    authoredOn: '2024-05-06',
    reasonCode: [snomed('59621000')],
    dosageInstruction: [DOSAGE],
  },
  MedicationDispense: {
    recorded: '2024-05-06',
    status: 'COMPLETED',
    category: hl7('medicationdispense-category', 'outpatient'),
    medication: {
      coding: [
        ...rxnorm('314076').coding,
        { system: 'https://www.gs1.org/gtin', code: '9521234001012', display: null },
      ],
    },
    quantity: amount('30', '{tbl}'),
    daysSupply: amount('30', 'd'),
    dosageInstruction: [DOSAGE],
    lot: { gtin: '09521234001012', lot: 'HX1' },
  },
  MedicationAdministration: {
    recorded: '2024-05-06',
    status: 'COMPLETED',
    statusReason: [],
    category: hl7('medication-admin-category', 'inpatient'),
    medication: rxnorm('2180'),
    effective: { from: THAT_MOMENT.from, until: THAT_MOMENT.from + 3_601 },
    reasonCode: [snomed('74400008')],
    dosage: {
      ...NO_DOSAGE,
      route: snomed('47625008'),
      doseAndRate: [{ ...NO_DOSE, doseQuantity: amount('2', 'g') }],
    },
  },
  Procedure: {
    recorded: '2024-05-06',
    status: 'COMPLETED',
    statusReason: null,
    category: snomed('387713003'),
    code: snomed('80146002'),
    performed: { from: parseFhirTime('2024-05-06').from, until: dayEnd('2024-05-06') },
    reasonCode: [snomed('74400008')],
    bodySite: [snomed('66754008')],
    outcome: snomed('385669000'),
    complication: [WORDS_ALONE],
  },
  Immunization: {
    recorded: '2024-05-06',
    status: 'COMPLETED',
    statusReason: null,
    vaccineCode: coding('http://hl7.org/fhir/sid/cvx', '140'),
    occurrence: '2024-05-06',
    isSubpotent: false,
    primarySource: true,
    site: hl7('v3-ActSite', 'LA'),
    route: snomed('78421000'),
    doseQuantity: amount('0.5', 'mL'),
    reasonCode: [],
  },
  AllergyIntolerance: {
    recorded: '2024-05-06',
    clinicalStatus: 'ACTIVE',
    verificationStatus: 'CONFIRMED',
    type: 'ALLERGY',
    category: ['FOOD', 'MEDICATION'],
    criticality: 'UNABLE_TO_ASSESS',
    code: snomed('256349002'),
    onset: '2001',
    lastOccurrence: '2024-06-07',
    reaction: [
      {
        substance: snomed('762952008'),
        manifestation: [snomed('39579001')],
        severity: 'SEVERE',
        exposureRoute: null,
      },
    ],
  },
  DiagnosticReport: {
    recorded: '2024-05-06',
    status: 'FINAL',
    category: [hl7('v2-0074', 'SP')],
    code: loinc('11526-1'),
    effective: THAT_MOMENT,
    issued: '2024-05-09',
    conclusionCode: [snomed('85189001')],
    resultCount: 1,
  },
};

function dayEnd(date: string): number {
  return parseFhirTime(date).until;
}

function component(code: string, change: object) {
  return {
    code: loinc(code),
    value: null,
    dataAbsentReason: null,
    interpretation: [],
    referenceRange: [],
    ...change,
  };
}

/** What of the samples has no field, or is words alone. */
const PARTIAL: Readonly<Record<KindName, readonly string[]>> = {
  Encounter: ['hospitalization.specialCourtesy'],
  Condition: ['evidence', 'note'],
  Observation: ['component.valueString', 'note', 'referenceRange.text'],
  MedicationRequest: ['dispenseRequest', ...DOSAGE_WORDS, 'note'],
  MedicationDispense: [...DOSAGE_WORDS, 'note'],
  MedicationAdministration: ['dosage.text', 'note'],
  Procedure: ['complication', 'note'],
  Immunization: ['note'],
  AllergyIntolerance: ['note', 'reaction.description', 'reaction.note', 'reaction.onset'],
  DiagnosticReport: ['conclusion', 'media', 'presentedForm'],
};

const read = (kind: KindName, change: object = {}) => parseRecord(sampleOf(kind, 'x', 'p', change));

describe.each(KIND_NAMES)('%s', (kind) => {
  test('says what is coded, measured and dated, and not a word besides', () => {
    const record = read(kind);
    expect(record?.content).toEqual({ ...TOLD[kind], partial: PARTIAL[kind] });
    expect(JSON.stringify(record)).not.toContain(SECRET);
  });

  test('tells of no date outside the span that a window must cover', () => {
    const { content, span } = read(kind) ?? { content: {}, span: { from: 0, until: 0 } };
    const told = periodsIn(content);
    expect(told.length).toBeGreaterThan(0);
    for (const period of told) expect(overlaps(span, period)).toBe(true);
    for (const period of told.filter(isExact)) expect(covers(span, period)).toBe(true);
    // 2011 and 2031 stand in the samples in elements that stay.
    expect(JSON.stringify(content)).not.toMatch(/2011|2031/);
  });

  test('is no record if it was entered in error', () => {
    const verificationStatus = (system: string) => ({
      verificationStatus: coded(
        `http://terminology.hl7.org/CodeSystem/${system}`,
        'entered-in-error',
      ),
    });
    const change = {
      Condition: verificationStatus('condition-ver-status'),
      AllergyIntolerance: verificationStatus('allergyintolerance-verification'),
    };
    const inError = (change as Record<string, object>)[kind] ?? { status: 'entered-in-error' };
    expect(read(kind, inError)).toBeUndefined();
  });

  test('is found by nothing that does not leave', () => {
    const { content, codes = [], categories = [] } = read(kind) ?? {};
    const text = JSON.stringify(content);
    expect(codes.length).toBeGreaterThan(0);
    for (const { code } of codes) expect(text).toContain(`"${code}"`);
    for (const category of categories)
      expect(text.toLowerCase()).toContain(`"${category.toLowerCase()}"`);
  });
});

interface ToldTime extends Period {
  /** A Period, not the day or the year that a civil date shortens an instant to. */
  readonly exact: boolean;
}

const isExact = ({ exact }: ToldTime) => exact;
const overlaps = (a: Period, b: Period) => a.from < b.until && b.from < a.until;

/** Every civil date and every Period anywhere in a content. */
function periodsIn(value: unknown): readonly ToldTime[] {
  if (typeof value === 'string') {
    const isDate = /^\d{4}(-\d{2}(-\d{2})?)?$/.test(value);
    return isDate ? [{ ...parseFhirTime(value), exact: false }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if ('from' in value && 'until' in value) return [{ ...(value as Period), exact: true }];
  // A code may look like a year; no coding is a date.
  if ('system' in value) return [];
  return Object.values(value).flatMap(periodsIn);
}

describe('a time without an end', () => {
  test.each([
    ['Encounter', { period: { start: '2024-05-06' } }],
    ['Procedure', { performedPeriod: { start: '2024-05-06' } }],
    ['MedicationAdministration', { effectivePeriod: { start: '2024-05-06' } }],
    [
      'DiagnosticReport',
      { effectiveDateTime: undefined, effectivePeriod: { start: '2024-05-06' } },
    ],
  ] as const)(
    'of %s may go on for ever: only a window without an end covers it',
    (kind, change) => {
      const record = read(kind, change);
      expect(record?.span.until).toBe(NO_END_SECONDS);
      expect(record?.content.recorded).toBe('2024-05-06');
    },
  );

  test.each([
    ['Procedure', { performedPeriod: undefined, performedString: SECRET }],
    [
      'Immunization',
      { occurrenceDateTime: undefined, recorded: undefined, occurrenceString: SECRET },
    ],
  ] as const)('of %s in words is no time at all', (kind, change) => {
    const record = read(kind, change);
    expect(record).toMatchObject({ content: { recorded: null }, span: ANY_TIME });
    expect(JSON.stringify(record)).not.toContain(SECRET);
  });
});

test('what was not done, or must not be, says so', () => {
  expect(read('Procedure', { status: 'not-done' })?.content).toMatchObject({ status: 'NOT_DONE' });
  expect(read('Immunization', { status: 'not-done' })?.content).toMatchObject({
    status: 'NOT_DONE',
  });
  expect(read('MedicationRequest', { doNotPerform: true })?.content).toMatchObject({
    doNotPerform: true,
  });
});

test('a class without a terminology is no class, and no category finds it', () => {
  const record = read('Encounter', { class: { code: SECRET } });
  expect(record).toMatchObject({ content: { class: null }, categories: [] });
});

test('a medication elsewhere has no code here', () => {
  const change = {
    medicationCodeableConcept: undefined,
    medicationReference: { reference: 'Medication/1', display: SECRET },
  };
  expect(read('MedicationRequest', change)).toMatchObject({
    content: { medication: WORDS_ALONE },
    codes: [],
  });
});

test('a row is ordered by the time that it names, else by its date', () => {
  const moment = (kind: KindName, change: object = {}) => {
    const content = read(kind, change)?.content;
    return content && momentOf(content);
  };
  expect(moment('Encounter')).toBe(parseFhirTime('2024-05-06T07:00:00Z').from);
  expect(moment('MedicationAdministration')).toBe(THAT_MOMENT.from);
  expect(moment('Immunization')).toBe(parseFhirTime('2024-05-06').from);
  expect(moment('DiagnosticReport', { effectiveDateTime: undefined })).toBe(
    parseFhirTime('2024-05-09').from,
  );
});
