import { type Chart, conceptOf, instant, type Pointer } from './chart.js';
import { CEFAZOLIN, INTRAVENOUS, loinc, OPERATIONS, type SurgicalOperation } from './terms.js';
import type { Visit } from './vitals.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

/**
 * A stay in the hospital, which about one in eight has had: an operation, the antibiotic given
 * before it, and the pathologist's report.
 */
export function writeStay(chart: Chart, visit: Visit): void {
  const { random } = chart;
  if (!random.chance(0.12)) return;
  const operation = random.pick(OPERATIONS);
  const ms = visit.ms - random.integer(30, 700) * DAY_MS;
  const encounter = writeEncounter(chart, operation, ms, random.integer(2, 6));
  const operatedMs = ms + random.integer(2, 12) * HOUR_MS;
  writeAntibiotic(chart, encounter, operatedMs - HOUR_MS);
  chart.add({
    resourceType: 'Procedure',
    status: 'completed',
    category: { coding: [{ system: 'http://snomed.info/sct', code: '387713003' }] },
    code: conceptOf(operation.procedure),
    subject: chart.subject,
    encounter,
    performedPeriod: { start: instant(operatedMs), end: instant(operatedMs + HOUR_MS) },
    reasonCode: [conceptOf(operation.reason)],
  });
  writeReport(chart, operation, encounter, operatedMs + DAY_MS);
}

function writeEncounter(
  chart: Chart,
  { reason }: SurgicalOperation,
  ms: number,
  nights: number,
): Pointer {
  return chart.add({
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: `${TERMINOLOGY}/v3-ActCode`, code: 'IMP', display: 'inpatient encounter' },
    subject: chart.subject,
    period: { start: instant(ms), end: instant(ms + nights * DAY_MS) },
    reasonCode: [conceptOf(reason)],
    hospitalization: {
      dischargeDisposition: {
        coding: [{ system: `${TERMINOLOGY}/discharge-disposition`, code: 'home', display: 'Home' }],
      },
    },
  });
}

function writeAntibiotic(chart: Chart, context: Pointer, ms: number): void {
  chart.add({
    resourceType: 'MedicationAdministration',
    status: 'completed',
    medicationCodeableConcept: conceptOf(CEFAZOLIN),
    subject: chart.subject,
    context,
    effectiveDateTime: instant(ms),
    dosage: {
      route: conceptOf(INTRAVENOUS),
      dose: { value: 2, unit: 'g', system: 'http://unitsofmeasure.org', code: 'g' },
    },
  });
}

function writeReport(
  chart: Chart,
  { finding }: SurgicalOperation,
  encounter: Pointer,
  ms: number,
): void {
  chart.add({
    resourceType: 'DiagnosticReport',
    status: 'final',
    category: [{ coding: [{ system: `${TERMINOLOGY}/v2-0074`, code: 'SP' }] }],
    code: conceptOf(loinc('11526-1', 'Pathology study')),
    subject: chart.subject,
    encounter,
    effectiveDateTime: instant(ms - DAY_MS),
    issued: instant(ms),
    conclusionCode: [conceptOf(finding)],
  });
}
