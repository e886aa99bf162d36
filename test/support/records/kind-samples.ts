import type { Resource } from '@medplum/fhirtypes';
import type { KindName } from '../../../src/records/kinds/kinds.js';
import { coded } from './clinic.js';

/** Stands wherever a resource has room for words, names or identifiers: none of it may leave. */
export const SECRET = 'Secretname';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const UCUM = 'http://unitsofmeasure.org';

const said = (system: string, code: string) => ({ ...coded(system, code), text: SECRET });
const snomed = (code: string) => said(SNOMED, code);
const amount = (value: number, code: string) => ({ value, unit: code, system: UCUM, code });
const person = { reference: 'Practitioner/Secretname', display: SECRET };
const hidden = {
  identifier: [{ system: 'urn:mrn', value: SECRET }],
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${SECRET}</div>` },
};
const note = [{ text: SECRET, authorString: SECRET }];
const dosage = {
  text: SECRET,
  patientInstruction: SECRET,
  additionalInstruction: [snomed('311504000')],
  asNeededCodeableConcept: { text: SECRET },
  route: snomed('26643006'),
  timing: {
    event: ['2011-11-11'],
    repeat: { frequency: 2, period: 8, periodUnit: 'h' },
    code: { text: SECRET },
  },
  doseAndRate: [{ doseQuantity: amount(1, '{tbl}') }],
};

const SAMPLES: Readonly<Record<KindName, object>> = {
  Encounter: {
    ...hidden,
    status: 'finished',
    class: { system: `${HL7}/v3-ActCode`, code: 'IMP' },
    type: [snomed('183452005')],
    participant: [{ individual: person }],
    period: { start: '2024-05-06T07:00:00Z', end: '2024-05-08' },
    reasonCode: [snomed('74400008')],
    hospitalization: {
      dischargeDisposition: said(`${HL7}/discharge-disposition`, 'home'),
      specialCourtesy: [{ text: SECRET }],
    },
    location: [{ location: { reference: 'Location/Secretname', display: SECRET } }],
    serviceProvider: { reference: 'Organization/Secretname', display: SECRET },
  },
  Condition: {
    ...hidden,
    note,
    clinicalStatus: said(`${HL7}/condition-clinical`, 'active'),
    verificationStatus: said(`${HL7}/condition-ver-status`, 'confirmed'),
    category: [said(`${HL7}/condition-category`, 'problem-list-item')],
    code: snomed('59621000'),
    onsetDateTime: '2020-01',
    recordedDate: '2024-05-06',
    recorder: person,
    evidence: [{ code: [{ text: SECRET }] }],
  },
  Observation: {
    ...hidden,
    note,
    status: 'final',
    category: [said(`${HL7}/observation-category`, 'laboratory')],
    code: said(LOINC, '4548-4'),
    effectiveDateTime: '2024-05-06T07:08:09Z',
    issued: '2031-01-01T00:00:00Z',
    performer: [person],
    valueQuantity: { ...amount(6.5, '%'), comparator: '<' },
    interpretation: [said(`${HL7}/v3-ObservationInterpretation`, 'H')],
    bodySite: snomed('368209003'),
    method: snomed('37931006'),
    device: { reference: 'Device/Secretname', display: SECRET },
    referenceRange: [{ low: amount(4, '%'), text: SECRET }, { text: SECRET }],
    component: [
      { code: said(LOINC, '8480-6'), valueString: SECRET },
      { code: said(LOINC, '8665-2'), valueDateTime: '2023-11-12' },
      {
        code: said(LOINC, '8462-4'),
        dataAbsentReason: said(`${HL7}/data-absent-reason`, 'masked'),
      },
    ],
  },
  MedicationRequest: {
    ...hidden,
    note,
    status: 'active',
    intent: 'order',
    category: [said(`${HL7}/medicationrequest-category`, 'community')],
    medicationCodeableConcept: said(RXNORM, '314076'),
    authoredOn: '2024-05-06T07:08:09Z',
    requester: person,
    reasonCode: [snomed('59621000')],
    dosageInstruction: [dosage],
    dispenseRequest: { validityPeriod: { start: '2011-11-11' }, performer: person },
  },
  MedicationDispense: {
    ...hidden,
    note,
    status: 'completed',
    category: said(`${HL7}/medicationdispense-category`, 'outpatient'),
    contained: [
      {
        resourceType: 'Medication',
        id: 'pack',
        identifier: [{ value: SECRET }],
        code: {
          coding: [
            { system: RXNORM, code: '314076' },
            { system: 'https://www.gs1.org/gtin', code: '9521234001012' },
          ],
          text: SECRET,
        },
        batch: { lotNumber: 'HX1' },
      },
    ],
    medicationReference: { reference: '#pack', display: SECRET },
    performer: [{ actor: person }],
    quantity: amount(30, '{tbl}'),
    daysSupply: amount(30, 'd'),
    whenPrepared: '2024-05-05',
    whenHandedOver: '2024-05-06T07:08:09Z',
    receiver: [person],
    dosageInstruction: [dosage],
  },
  MedicationAdministration: {
    ...hidden,
    note,
    status: 'completed',
    category: said(`${HL7}/medication-admin-category`, 'inpatient'),
    medicationCodeableConcept: said(RXNORM, '2180'),
    effectivePeriod: { start: '2024-05-06T07:08:09Z', end: '2024-05-06T08:08:09Z' },
    performer: [{ actor: person }],
    reasonCode: [snomed('74400008')],
    dosage: { text: SECRET, route: snomed('47625008'), dose: amount(2, 'g') },
  },
  Procedure: {
    ...hidden,
    note,
    status: 'completed',
    category: snomed('387713003'),
    code: snomed('80146002'),
    performedPeriod: { start: '2024-05-06T07:08:09Z', end: '2024-05-06' },
    performer: [{ actor: person }],
    location: { reference: 'Location/Secretname', display: SECRET },
    reasonCode: [snomed('74400008')],
    bodySite: [snomed('66754008')],
    outcome: snomed('385669000'),
    complication: [{ text: SECRET }],
  },
  Immunization: {
    ...hidden,
    note,
    status: 'completed',
    vaccineCode: said('http://hl7.org/fhir/sid/cvx', '140'),
    occurrenceDateTime: '2024-05-06',
    recorded: '2031-01-01',
    primarySource: true,
    manufacturer: { reference: 'Organization/Secretname', display: SECRET },
    lotNumber: SECRET,
    expirationDate: '2011-11-11',
    site: said(`${HL7}/v3-ActSite`, 'LA'),
    route: snomed('78421000'),
    doseQuantity: amount(0.5, 'mL'),
    performer: [{ actor: person }],
  },
  AllergyIntolerance: {
    ...hidden,
    note,
    clinicalStatus: said(`${HL7}/allergyintolerance-clinical`, 'active'),
    verificationStatus: said(`${HL7}/allergyintolerance-verification`, 'confirmed'),
    type: 'allergy',
    category: ['food', 'medication'],
    criticality: 'unable-to-assess',
    code: snomed('256349002'),
    onsetDateTime: '2001',
    recordedDate: '2024-05-06',
    lastOccurrence: '2024-06-07',
    recorder: person,
    asserter: person,
    reaction: [
      {
        description: SECRET,
        substance: snomed('762952008'),
        manifestation: [snomed('39579001')],
        severity: 'severe',
        onset: '2011-11-11',
        note,
      },
    ],
  },
  DiagnosticReport: {
    ...hidden,
    status: 'final',
    category: [said(`${HL7}/v2-0074`, 'SP')],
    code: said(LOINC, '11526-1'),
    effectiveDateTime: '2024-05-06T07:08:09Z',
    issued: '2024-05-09T07:08:09Z',
    performer: [person],
    media: [{ comment: SECRET, link: { reference: 'Media/Secretname' } }],
    conclusion: SECRET,
    conclusionCode: [snomed('85189001')],
    presentedForm: [{ contentType: 'text/plain', title: SECRET }],
  },
};

/** A resource of that kind with all that one may hold, told by 6 May 2024. */
export function sampleOf(
  kind: KindName,
  id: string,
  patientId: string,
  change: object = {},
): Resource {
  const about = { reference: `Patient/${patientId}`, display: SECRET };
  const subject = kind === 'Immunization' || kind === 'AllergyIntolerance' ? 'patient' : 'subject';
  return {
    resourceType: kind,
    id,
    [subject]: about,
    ...SAMPLES[kind],
    // A result is one person's: one that two people's reports held would carry a label from one to the other.
    ...(kind === 'DiagnosticReport' && { result: [resultOf(patientId)] }),
    ...change,
  } as unknown as Resource;
}

function resultOf(patientId: string) {
  return { reference: `Observation/${SECRET}-${patientId}`, display: SECRET };
}
