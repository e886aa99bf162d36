import type { Resource } from '@medplum/fhirtypes';
import { coded, condition, observation } from './clinic.js';

const GTIN = 'https://www.gs1.org/gtin';

/** The value as FHIR ids and codes can hold it. */
export function slugOf(value: string): string {
  return value.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 40);
}

/**
 * Records of a patient that say one thing more than they should in every place that has room for
 * it: a clerk typed it there, an interface copied it, or somebody wants it out.
 */
export function hidden(value: string, patientId: string, at: string): readonly Resource[] {
  return [
    condition(`${slugOf(value)}-c-${at}`, patientId, { ...around(value), ...conditionOf(value) }),
    observation(`${slugOf(value)}-o-${at}`, patientId, {
      ...around(value),
      ...observationOf(value),
    }),
    observation(`${slugOf(value)}-s-${at}`, patientId, {
      ...around(value),
      valueQuantity: undefined,
      valueString: value,
    }),
    observation(`${slugOf(value)}-v-${at}`, patientId, {
      ...around(value),
      valueQuantity: undefined,
      valueCodeableConcept: conceptOf(value),
    }),
    dispense(value, patientId, at),
  ];
}

/** What any resource has. */
function around(value: string) {
  return {
    meta: {
      source: `urn:${slugOf(value)}`,
      profile: [`http://${slugOf(value)}.example/StructureDefinition/x`],
      tag: [{ system: 'urn:tag', code: slugOf(value), display: value }],
    },
    identifier: [{ system: `urn:${slugOf(value)}`, value }],
    extension: [
      { url: `http://${slugOf(value)}.example/x`, valueString: value },
      { url: 'http://local.example/coding', valueCoding: { ...localOf(value) } },
    ],
    contained: [
      { resourceType: 'Patient', id: 'who', name: [{ text: value }] },
      { resourceType: 'Organization', id: 'org', name: value, telecom: [{ value }] },
    ],
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${value.replace(/[<>&]/g, '')}</div>`,
    },
    note: [{ text: value, authorString: value }],
    encounter: { reference: `Encounter/${slugOf(value)}`, display: value },
  };
}

function localOf(value: string) {
  return { system: `urn:local:${slugOf(value)}`, code: slugOf(value), display: value };
}

/** As text, as display, as local code, and as a code that pretends to be a terminology's. */
function conceptOf(value: string) {
  return {
    text: value,
    coding: [
      { system: 'http://snomed.info/sct', code: '59621000', display: value },
      { system: 'http://snomed.info/sct', code: slugOf(value) },
      { system: 'http://loinc.org', code: slugOf(value), version: value },
      { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: slugOf(value) },
      { system: `http://terminology.hl7.org/CodeSystem/${slugOf(value)}`, code: 'x' },
      { system: 'urn:local', code: slugOf(value), display: value },
      localOf(value),
    ],
  };
}

function conditionOf(value: string) {
  return {
    code: conceptOf(value),
    category: [conceptOf(value)],
    bodySite: [conceptOf(value)],
    stage: [{ summary: conceptOf(value) }],
    asserter: { display: value },
    recorder: { identifier: { value } },
    evidence: [{ code: [conceptOf(value)], detail: [{ display: value }] }],
  };
}

function observationOf(value: string) {
  return {
    code: conceptOf(value),
    category: [conceptOf(value)],
    valueQuantity: {
      value: 1,
      unit: value.slice(0, 30),
      system: 'http://unitsofmeasure.org',
      code: `mg{${slugOf(value)}}`,
    },
    interpretation: [conceptOf(value)],
    method: conceptOf(value),
    device: { reference: `Device/${slugOf(value)}`, display: value },
    specimen: { display: value },
    performer: [{ display: value, identifier: { value } }],
    referenceRange: [{ text: value, appliesTo: [conceptOf(value)] }],
    component: [
      { code: conceptOf(value), valueString: value },
      { code: conceptOf(value), valueCodeableConcept: conceptOf(value) },
      {
        code: conceptOf(value),
        valueQuantity: { value: 2, unit: value.slice(0, 30), code: slugOf(value) },
      },
    ],
  };
}

function dispense(value: string, patientId: string, at: string): Resource {
  const { encounter: _, contained, ...rest } = around(value);
  return {
    ...rest,
    resourceType: 'MedicationDispense',
    id: `${slugOf(value)}-d-${at}`,
    status: 'completed',
    contained: [
      ...contained,
      {
        resourceType: 'Medication',
        id: 'pack',
        identifier: [{ value }],
        code: {
          text: value,
          coding: [
            { system: GTIN, code: '09521234001012', display: value },
            { system: 'urn:epc:id:sgtin', code: slugOf(value) },
          ],
        },
        // No lot number has a space; one without could only be told from a name by its maker.
        batch: { lotNumber: `lot of ${value}` },
      },
    ],
    medicationReference: { reference: '#pack', display: value },
    subject: { reference: `Patient/${patientId}`, display: value },
    performer: [{ actor: { display: value } }],
    location: { display: value },
    receiver: [{ display: value }],
    quantity: { value: 30, unit: value.slice(0, 30) },
    daysSupply: { value: 30, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
    whenHandedOver: '2024-05-06',
    dosageInstruction: [{ text: value, patientInstruction: value, site: conceptOf(value) }],
    substitution: { wasSubstituted: false, reason: [coded('urn:local', slugOf(value))] },
  } as unknown as Resource;
}
