import type { CodeableConcept, Coding, Period, Quantity, Range, Ratio } from '@medplum/fhirtypes';
import { parseConcept } from '../deidentify/concept.js';
import { type NamesMedication, parseMedication } from './medication.js';
import { parseHappened } from './period.js';
import { parseQuantity, parseRange, parseRatio } from './quantity.js';

/*
 * What becomes of every element of the ten kinds of records. Either the row shows it (ELEMENTS says
 * when it does so completely), or it is left out without changing the meaning (STAYS says why). Any
 * other element makes a row partial. Keys are JSON properties, so that each form of a choice
 * element has its own line.
 *
 * @source FHIR R4 (4.0.1), the StructureDefinitions of the ten types; a test checks them all
 */

/** Whether a row shows this value completely. */
type IsWhole = (value: never, owner: Readonly<Record<string, unknown>>) => boolean;

export interface Elements {
  readonly [name: string]: IsWhole | Elements;
}

const IDENTITY = 'identifies the record, order or person, not what was found';
const ADMINISTRATIVE = 'says who wrote, made, paid for or kept it, where and with what device';
const OTHER_ROW = "refers to a record that has its own row, or that is not the patient's";
const FORM = 'says how the resource is written';

/** Elements that can be left out of any type without changing the meaning, and why. */
export const STAYS: Readonly<Record<string, string>> = {
  resourceType: FORM,
  id: IDENTITY,
  // Its labels and tags are read separately.
  meta: FORM,
  language: FORM,
  // The same content rendered for people.
  contained: FORM,
  // R4: an extension that is not a modifier can be ignored.
  extension: 'does not change the meaning of other elements, or it would be a modifierExtension',
  implicitRules: 'leaves no row: modifiers.ts',
  modifierExtension: 'leaves no row: modifiers.ts',
  focus: 'no row unless it is the patient: modifiers.ts',
  identifier: IDENTITY,
  groupIdentifier: IDENTITY,
  instantiates: IDENTITY,
  instantiatesCanonical: IDENTITY,
  instantiatesUri: IDENTITY,
  subject: IDENTITY,
  patient: IDENTITY,
  encounter: OTHER_ROW,
  context: OTHER_ROW,
  episodeOfCare: OTHER_ROW,
  basedOn: OTHER_ROW,
  partOf: OTHER_ROW,
  appointment: OTHER_ROW,
  account: OTHER_ROW,
  request: OTHER_ROW,
  authorizingPrescription: OTHER_ROW,
  priorPrescription: OTHER_ROW,
  supportingInformation: OTHER_ROW,
  eventHistory: OTHER_ROW,
  hasMember: OTHER_ROW,
  derivedFrom: OTHER_ROW,
  specimen: OTHER_ROW,
  imagingStudy: OTHER_ROW,
  report: OTHER_ROW,
  participant: ADMINISTRATIVE,
  serviceProvider: ADMINISTRATIVE,
  location: ADMINISTRATIVE,
  performer: ADMINISTRATIVE,
  performerType: ADMINISTRATIVE,
  requester: ADMINISTRATIVE,
  recorder: ADMINISTRATIVE,
  asserter: ADMINISTRATIVE,
  resultsInterpreter: ADMINISTRATIVE,
  insurance: ADMINISTRATIVE,
  destination: ADMINISTRATIVE,
  receiver: ADMINISTRATIVE,
  device: ADMINISTRATIVE,
  usedReference: ADMINISTRATIVE,
  manufacturer: ADMINISTRATIVE,
  lotNumber: ADMINISTRATIVE,
  expirationDate: ADMINISTRATIVE,
  education: ADMINISTRATIVE,
  programEligibility: ADMINISTRATIVE,
  fundingSource: ADMINISTRATIVE,
  // Used as a row's date if there is no other; otherwise only when it was written down.
  issued: ADMINISTRATIVE,
  recorded: ADMINISTRATIVE,
  recordedDate: ADMINISTRATIVE,
  whenPrepared: ADMINISTRATIVE,
};

const whole: IsWhole = () => true;
const concept: IsWhole = (value: CodeableConcept) => parseConcept(value).coding.length > 0;
const coding: IsWhole = (value: Coding) => parseConcept({ coding: [value] }).coding.length > 0;
const quantity: IsWhole = (value: Quantity) => parseQuantity(value) !== null;
const range: IsWhole = (value: Range) => parseRange(value) !== null;
const ratio: IsWhole = (value: Ratio) => parseRatio(value) !== null;
const period: IsWhole = (value: Period) => parseHappened(undefined, value).period !== null;
const medication: IsWhole = (_, owner: NamesMedication) => parseMedication(owner).coding.length > 0;

/** The type of a range and whom it is for: shown only together with its ends. */
const ofRange: IsWhole = (value: CodeableConcept, owner: Range) =>
  parseConcept(value).coding.length > 0 && parseRange(owner) !== null;

const TIMING: Elements = {
  repeat: {
    boundsDuration: quantity,
    boundsRange: range,
    boundsPeriod: period,
    count: whole,
    countMax: whole,
    duration: whole,
    durationMax: whole,
    durationUnit: whole,
    frequency: whole,
    frequencyMax: whole,
    period: whole,
    periodMax: whole,
    periodUnit: whole,
    dayOfWeek: whole,
    timeOfDay: whole,
    when: whole,
    offset: whole,
  },
  code: concept,
};

const DOSAGE: Elements = {
  sequence: whole,
  additionalInstruction: concept,
  timing: TIMING,
  asNeededBoolean: whole,
  asNeededCodeableConcept: concept,
  site: concept,
  route: concept,
  method: concept,
  doseAndRate: {
    type: concept,
    doseQuantity: quantity,
    doseRange: range,
    rateRatio: ratio,
    rateRange: range,
    rateQuantity: quantity,
  },
  maxDosePerPeriod: ratio,
  maxDosePerAdministration: quantity,
  maxDosePerLifetime: quantity,
};

const FINDING: Elements = {
  code: concept,
  valueQuantity: quantity,
  valueCodeableConcept: concept,
  valueBoolean: whole,
  valueInteger: whole,
  valueRange: range,
  valueRatio: ratio,
  valueTime: whole,
  valueDateTime: whole,
  valuePeriod: period,
  dataAbsentReason: concept,
  interpretation: concept,
  referenceRange: { low: quantity, high: quantity, type: ofRange, appliesTo: ofRange },
};

const MEDICATION: Elements = {
  medicationCodeableConcept: medication,
  medicationReference: medication,
};

/** By kind. `text` is the narrative, which renders the other elements. */
export const ELEMENTS = {
  Encounter: {
    text: whole,
    status: whole,
    class: coding,
    type: concept,
    period,
    reasonCode: concept,
    hospitalization: { dischargeDisposition: concept },
  },
  Condition: {
    text: whole,
    clinicalStatus: whole,
    verificationStatus: whole,
    category: concept,
    code: concept,
    onsetDateTime: whole,
    abatementDateTime: whole,
  },
  Observation: {
    text: whole,
    status: whole,
    category: concept,
    effectiveDateTime: whole,
    effectiveInstant: whole,
    effectivePeriod: period,
    bodySite: concept,
    method: concept,
    ...FINDING,
    component: FINDING,
  },
  MedicationRequest: {
    text: whole,
    status: whole,
    intent: whole,
    category: concept,
    doNotPerform: whole,
    ...MEDICATION,
    authoredOn: whole,
    reasonCode: concept,
    dosageInstruction: DOSAGE,
  },
  MedicationDispense: {
    text: whole,
    status: whole,
    category: concept,
    ...MEDICATION,
    quantity,
    daysSupply: quantity,
    whenHandedOver: whole,
    dosageInstruction: DOSAGE,
  },
  MedicationAdministration: {
    text: whole,
    status: whole,
    statusReason: concept,
    category: concept,
    ...MEDICATION,
    effectiveDateTime: whole,
    effectivePeriod: period,
    reasonCode: concept,
    dosage: {
      site: concept,
      route: concept,
      method: concept,
      dose: quantity,
      rateRatio: ratio,
      rateQuantity: quantity,
    },
  },
  Procedure: {
    text: whole,
    status: whole,
    statusReason: concept,
    category: concept,
    code: concept,
    performedDateTime: whole,
    performedPeriod: period,
    reasonCode: concept,
    bodySite: concept,
    outcome: concept,
    complication: concept,
  },
  Immunization: {
    text: whole,
    status: whole,
    statusReason: concept,
    vaccineCode: concept,
    occurrenceDateTime: whole,
    primarySource: whole,
    site: concept,
    route: concept,
    doseQuantity: quantity,
    reasonCode: concept,
    isSubpotent: whole,
  },
  AllergyIntolerance: {
    text: whole,
    clinicalStatus: whole,
    verificationStatus: whole,
    type: whole,
    category: whole,
    criticality: whole,
    code: concept,
    onsetDateTime: whole,
    lastOccurrence: whole,
    reaction: {
      substance: concept,
      manifestation: concept,
      severity: whole,
      exposureRoute: concept,
    },
  },
  DiagnosticReport: {
    text: whole,
    status: whole,
    category: concept,
    code: concept,
    effectiveDateTime: whole,
    effectivePeriod: period,
    // The row shows how many there are; each has its own row.
    result: whole,
    conclusionCode: concept,
  },
} satisfies Readonly<Record<string, Elements>>;
