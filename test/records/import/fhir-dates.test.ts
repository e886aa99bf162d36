import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { parsePatient } from '../../../src/records/import/patient.js';
import { fhirValidator, type RequireValid } from '../../../src/records/import/validate.js';
import { parseRecord } from '../../../src/records/kinds/parse-record.js';
import { condition, observation, patient } from '../../support/records/clinic.js';

/** What becomes of a resource: taken, or the code and the detail of the report. */
async function outcomeOf(resource: unknown): Promise<string> {
  const requireValid: RequireValid = await fhirValidator();
  try {
    // As it comes from a file: a property that is undefined is not there.
    const json: unknown = JSON.parse(JSON.stringify(resource));
    requireValid(json);
    parseRecord(json as Resource);
    return 'taken';
  } catch (thrown) {
    if (thrown instanceof DomainError) return `${thrown.code} ${String(thrown.facts.detail)}`;
    throw thrown;
  }
}

const CALENDAR = 'is no day of the calendar';
const ZONE = 'is a time without a zone';
const at = (effectiveDateTime: string) => observation('o', 'ana', { effectiveDateTime });

describe('a date of a resource', () => {
  test.each([
    ...['1900', '2024-02-29', '2016-12-31T23:59:60Z', '2020-05', '9999-12-31', '2101-01-01'],
    ...[
      '2020-01-01T00:00:00.123456789012Z',
      '2020-06-01T00:00:00+14:00',
      '2021-05-06T07:08:09-00:00',
    ],
  ])('is taken: %s', async (text) => {
    expect(await outcomeOf(at(text))).toBe('taken');
  });

  test.each([
    ['2015-02-29', `FHIR_INVALID Observation.effectiveDateTime ${CALENDAR}`],
    ['2020-02-30T10:00:00Z', `FHIR_INVALID Observation.effectiveDateTime ${CALENDAR}`],
    ['2020-04-31', `FHIR_INVALID Observation.effectiveDateTime ${CALENDAR}`],
    ['2020-01-01T10:00:00', `FHIR_INVALID Observation.effectiveDateTime ${ZONE}`],
    ['1899-12-30', 'TIME_OUT_OF_RANGE Observation.effectiveDateTime is before 1900'],
    ['0050-06-01', 'TIME_OUT_OF_RANGE Observation.effectiveDateTime is before 1900'],
    ['0001-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE Observation.effectiveDateTime is before 1900'],
    ['2020-01-01T24:00:00Z', 'FHIR_INVALID Observation.effective'],
    ['2020-01-01T10:00Z', 'FHIR_INVALID Observation.effective'],
    ['2020-1-1', 'FHIR_INVALID Observation.effective'],
    ['2020-00-00', 'FHIR_INVALID Observation.effective'],
    ['0000-01-01', 'FHIR_INVALID Observation.effective'],
  ])('is refused by its element and the rule, never by its value: %s', async (text, reason) => {
    const outcome = await outcomeOf(at(text));
    expect(outcome).toContain(reason);
    expect(outcome).not.toContain(text);
  });

  /** Wherever a date stands, one that leaves or not, in an element, a list, an extension or inside. */
  test.each([
    [
      'Condition.onsetPeriod.start',
      condition('c', 'ana', { onsetPeriod: { start: '2021-02-29' } }),
    ],
    ['Condition.recordedDate', condition('c', 'ana', { recordedDate: '2021-06-31' })],
    ['Observation.issued', observation('o', 'ana', { issued: '2021-02-29T00:00:00Z' })],
    [
      'Observation.meta.lastUpdated',
      observation('o', 'ana', { meta: { lastUpdated: '2021-02-30T00:00:00Z' } }),
    ],
    [
      'Observation.note[0].time',
      observation('o', 'ana', { note: [{ text: 'x', time: '2021-02-30' }] }),
    ],
    [
      'Observation.extension[0].valueDate',
      observation('o', 'ana', {
        extension: [{ url: 'http://example.org/x', valueDate: '2021-02-30' }],
      }),
    ],
    [
      'Observation.component[0].valueDateTime',
      observation('o', 'ana', {
        component: [{ code: { text: 'x' }, valueDateTime: '2021-02-30' }],
      }),
    ],
    [
      'MedicationRequest.dosageInstruction[0].timing.event[1]',
      {
        resourceType: 'MedicationRequest',
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: { text: 'x' },
        subject: { reference: 'Patient/ana' },
        dosageInstruction: [{ timing: { event: ['2021-02-28', '2021-02-30'] } }],
      },
    ],
    [
      'Observation.contained[0].birthDate',
      observation('o', 'ana', {
        contained: [{ ...patient('p', '1980-11-31') }],
        subject: { reference: '#p' },
      }),
    ],
    ['Patient.birthDate', patient('p', '1981-02-29')],
  ])('that is none is found at %s', async (place, resource) => {
    expect(await outcomeOf(resource)).toBe(`FHIR_INVALID ${place} ${CALENDAR}`);
  });

  test('is looked at where the resource is like a valid one before it', async () => {
    expect(await outcomeOf(at('2020-03-30'))).toBe('taken');
    expect(await outcomeOf(at('2020-02-30'))).toContain(CALENDAR);
  });

  test('is not looked for in what only looks like one', async () => {
    const named = {
      identifier: [{ system: 'urn:x', value: '2020-02-30' }],
      valueQuantity: undefined,
      valueString: '0050-02-30T10:00:00',
    };
    expect(await outcomeOf(observation('o', 'ana', named))).toBe('taken');
  });

  test('of birth before 1900 is a year like any other: no window holds it', async () => {
    expect(await outcomeOf(patient('p', '1899-12-31'))).toBe('taken');
    expect(parsePatient(patient('p', '1899-12-31') as never).birthYear).toBe(1_899);
  });

  test('before 1900 that is stored whole, and tells nothing of when, is taken', async () => {
    const old = { extension: [{ url: 'http://example.org/x', valueDate: '1850-01-01' }] };
    expect(await outcomeOf(observation('o', 'ana', old))).toBe('taken');
  });
});
