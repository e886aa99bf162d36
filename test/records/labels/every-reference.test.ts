import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { KIND_NAMES } from '../../../src/records/kinds/kinds.js';
import { encounterOf } from '../../../src/records/labels/encounters.js';
import { heldBy } from '../../../src/records/labels/links.js';
import { type Element, elementsOf } from '../../support/records/definitions.js';

/*
 * Every Reference element of R4, of the types that are rows and of those that rows refer to: its label
 * spreads along it, or a word here says why it does not.
 */

const TYPES = [...KIND_NAMES, 'ServiceRequest', 'CarePlan', 'EpisodeOfCare'].sort();
/** Persons, places, things: no record of what a patient has. */
const NOT_CLINICAL = new Set(
  'BodyStructure CareTeam Device Endpoint Group HealthcareService Location Organization Patient Practitioner PractitionerRole RelatedPerson Account Coverage Appointment DeviceMetric DeviceRequest NutritionOrder Specimen Substance'.split(
    ' ',
  ),
);

/** What labels do not go along, and why. */
const NOT_ALONG: Readonly<Record<string, string>> = {
  'Observation.focus': 'no row: it is about somebody or something else',
  'DiagnosticReport.imagingStudy': 'pictures have no row, and say nothing in codes of their own',
  'DiagnosticReport.media.link': 'the same',
  'MedicationRequest.detectedIssue': 'an interaction: the medicines in it have labels of their own',
  'MedicationRequest.eventHistory': 'who did what to the order',
  'MedicationRequest.insurance': 'what pays',
  'MedicationDispense.detectedIssue': 'as of the request',
  'MedicationDispense.statusReason[x]': 'as of the request',
  'MedicationDispense.eventHistory': 'who did what to the order',
  'MedicationAdministration.eventHistory': 'who did what to the order',
  'ServiceRequest.insurance': 'what pays',
  'ServiceRequest.relevantHistory': 'who did what to the order',
  'ServiceRequest.replaces': 'an order that holds no more',
  'CarePlan.replaces': 'a plan that holds no more',
  'CarePlan.supportingInfo': 'what was read for a plan, of whatever it plans',
  'CarePlan.goal': 'goals have no row',
  'CarePlan.activity.detail.goal': 'the same',
  'CarePlan.activity.outcomeReference': 'what came of one activity of many',
  'CarePlan.activity.reference': 'one activity of many: it is based on the plan',
  'CarePlan.activity.detail.product[x]': 'one activity of many',
};
/** R4's `encounter`, along which labels go down to the records made in it: labels/encounters.ts. */
const VISIT = ['encounter', 'context'];

const references = TYPES.flatMap((type) =>
  elementsOf(type)
    .filter(({ types, targets }) => types.includes('Reference') && isClinical(targets))
    .filter(({ defined }) => defined.startsWith(`${type}.`))
    .map((element) => [element.defined, type, element] as const),
);

function isClinical(targets: readonly string[]): boolean {
  return targets.length === 0 || targets.some((one) => !NOT_CLINICAL.has(one));
}

/** A resource of a type with a reference at one element. */
function referring(type: string, { path, isList }: Element, reference: string): Resource {
  const steps = path.split('.').map((step) => step.replace('[x]', 'Reference'));
  const last = { reference };
  const inside = steps.reduceRight<unknown>(
    (value, step, at) => ({ [step]: isList && at === steps.length - 1 ? [value] : value }),
    last,
  );
  return { resourceType: type, ...(inside as object) } as Resource;
}

describe('a label goes along', () => {
  test.each(references)('%s, or a word says why not', (defined, type, element) => {
    const name = { server: '', type, id: 'x' };
    const held = heldBy(referring(type, element, 'Observation/1'), name);
    const visit = encounterOf(referring(type, element, 'Encounter/1'), name);
    if (VISIT.includes(element.path)) {
      expect(visit).toEqual({ server: '', type: 'Encounter', id: '1' });
      return;
    }
    expect(visit).toBeUndefined();
    expect(held.length).toBe(NOT_ALONG[defined] === undefined ? 1 : 0);
  });

  test('no element that R4 does not have', () => {
    const all = references.map(([defined]) => defined);
    expect(Object.keys(NOT_ALONG).filter((name) => !all.includes(name))).toEqual([]);
  });
});
