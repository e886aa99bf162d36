import type { CodeableConcept } from '@medplum/fhirtypes';
import { type Chart, civilDate, conceptOf, instant, metaOf } from './chart.js';
import { addMedication, type SeedLot } from './medication.js';
import type { Person } from './person.js';
import {
  ACUTE,
  INTRAMUSCULAR,
  LEFT_ARM,
  PROCEDURES,
  SUBSTANCES,
  snomed,
  VACCINES,
} from './terms.js';
import { addIntake, addLaboratory, addVitals, type Visit } from './vitals.js';

const DAY_MS = 86_400_000;
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CHECK_UP = snomed('185349003', 'Encounter for check up');

export function writePatient(chart: Chart, person: Person): void {
  chart.add({
    resourceType: 'Patient',
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: `MRN-${chart.patientId}` }],
    active: true,
    name: [{ use: 'official', family: person.family, given: [person.given] }],
    gender: person.sex,
    birthDate: civilDate(person.birthMs),
    address: [{ use: 'home', city: person.city, country: 'US' }],
  });
}

/**
 * One visit: the measurements of every visit, acute illnesses, and now and then a procedure or a
 * vaccine.
 */
export function writeVisit(chart: Chart, person: Person, ms: number, first: boolean): Visit {
  const { random } = chart;
  const encounter = chart.add({
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [conceptOf(CHECK_UP)],
    subject: chart.subject,
    period: { start: instant(ms), end: instant(ms + 1_800_000) },
  });
  const visit = { ms, encounter };
  if (first) addIntake(chart, person, visit);
  addVitals(chart, person, visit);
  if (first || random.chance(0.4)) addLaboratory(chart, person, visit);
  if (random.chance(0.25)) writeAcute(chart, visit);
  if (random.chance(0.5)) writeVaccine(chart, visit);
  if (random.chance(0.15)) writeProcedure(chart, visit);
  return visit;
}

/** What a hospital knows from the first visit on: long-term conditions, their medicines, an allergy. */
export function writeHistory(
  chart: Chart,
  person: Person,
  visit: Visit,
  lots: readonly SeedLot[],
): void {
  for (const disease of person.diseases) {
    const onset = visit.ms - chart.random.integer(0, 10) * 365 * DAY_MS;
    chart.add({
      ...metaOf(disease.label),
      resourceType: 'Condition',
      clinicalStatus: status(CLINICAL, 'active'),
      verificationStatus: status(VERIFICATION, 'confirmed'),
      code: conceptOf(disease.term),
      subject: chart.subject,
      encounter: visit.encounter,
      onsetDateTime: civilDate(onset),
      recordedDate: instant(visit.ms),
    });
    addMedication(chart, disease, visit, lots);
  }
  if (chart.random.chance(0.15)) writeAllergy(chart, visit);
}

function writeAcute(chart: Chart, visit: Visit): void {
  chart.add({
    resourceType: 'Condition',
    clinicalStatus: status(CLINICAL, 'resolved'),
    verificationStatus: status(VERIFICATION, 'confirmed'),
    code: conceptOf(chart.random.pick(ACUTE)),
    subject: chart.subject,
    encounter: visit.encounter,
    onsetDateTime: civilDate(visit.ms),
    abatementDateTime: civilDate(visit.ms + chart.random.integer(5, 15) * DAY_MS),
    recordedDate: instant(visit.ms),
  });
}

function writeVaccine(chart: Chart, visit: Visit): void {
  chart.add({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: conceptOf(chart.random.pick(VACCINES)),
    primarySource: true,
    site: conceptOf(LEFT_ARM),
    route: conceptOf(INTRAMUSCULAR),
    patient: chart.subject,
    encounter: visit.encounter,
    occurrenceDateTime: instant(visit.ms),
  });
}

function writeProcedure(chart: Chart, visit: Visit): void {
  chart.add({
    resourceType: 'Procedure',
    status: 'completed',
    code: conceptOf(chart.random.pick(PROCEDURES)),
    subject: chart.subject,
    encounter: visit.encounter,
    performedPeriod: { start: instant(visit.ms), end: instant(visit.ms + 900_000) },
  });
}

function writeAllergy(chart: Chart, visit: Visit): void {
  chart.add({
    resourceType: 'AllergyIntolerance',
    clinicalStatus: status(
      'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
      'active',
    ),
    verificationStatus: status(
      'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
      'confirmed',
    ),
    type: 'allergy',
    criticality: 'low',
    code: conceptOf(chart.random.pick(SUBSTANCES)),
    patient: chart.subject,
    recordedDate: instant(visit.ms),
  });
}

function status(system: string, code: string): CodeableConcept {
  return { coding: [{ system, code }] };
}
