import type { Observation } from '@medplum/fhirtypes';
import { type Chart, conceptOf, instant, type Pointer, quantityOf } from './chart.js';
import type { Person } from './person.js';
import { type CodedTerm, DIABETES, HYPERTENSION, KIDNEY_DISEASE, loinc, SMOKING } from './terms.js';

/** When and where something was observed. */
export interface Visit {
  readonly ms: number;
  readonly encounter: Pointer;
}

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const SECTION = 'http://terminology.hl7.org/CodeSystem/v2-0074';
type Category = 'vital-signs' | 'laboratory' | 'social-history';

const BLOOD_PRESSURE = loinc('85354-9', 'Blood pressure panel with all children optional');
const SYSTOLIC = loinc('8480-6', 'Systolic blood pressure');
const DIASTOLIC = loinc('8462-4', 'Diastolic blood pressure');

/** What every visit measures: blood pressure as components, heart rate and weight. */
export function addVitals(chart: Chart, person: Person, visit: Visit): void {
  const { random } = chart;
  const high = has(person, HYPERTENSION);
  const systolic = Math.round(random.around(high ? 146 : 121, high ? 18 : 12));
  const diastolic = Math.round(systolic * random.around(0.62, 0.04));
  chart.add({
    ...observed(chart, visit, 'vital-signs', BLOOD_PRESSURE),
    component: [
      { code: conceptOf(SYSTOLIC), valueQuantity: quantityOf(systolic, 'mm[Hg]') },
      { code: conceptOf(DIASTOLIC), valueQuantity: quantityOf(diastolic, 'mm[Hg]') },
    ],
  });
  const kg = person.weightKg * random.around(1, 0.04);
  measure(chart, visit, 'vital-signs', loinc('29463-7', 'Body weight'), kg, 'kg');
  const rate = Math.round(random.around(74, 12));
  measure(chart, visit, 'vital-signs', loinc('8867-4', 'Heart rate'), rate, '/min');
}

/** What only the first visit records: height and smoking status. */
export function addIntake(chart: Chart, person: Person, visit: Visit): void {
  const height = loinc('8302-2', 'Body height');
  measure(chart, visit, 'vital-signs', height, person.heightCm, 'cm');
  chart.add({
    ...observed(chart, visit, 'social-history', loinc('72166-2', 'Tobacco smoking status')),
    valueCodeableConcept: conceptOf(chart.random.pick(SMOKING)),
  });
}

/** The laboratory values of a visit, shifted by what the person has. */
export function addLaboratory(chart: Chart, person: Person, visit: Visit): void {
  const { random } = chart;
  const lab = (term: CodedTerm, value: number, unit: string, usual: Usual) =>
    chart.add({
      ...observed(chart, visit, 'laboratory', term),
      valueQuantity: quantityOf(value, unit),
      ...flagged(value, unit, usual),
    });
  const diabetic = has(person, DIABETES);
  const renal = has(person, KIDNEY_DISEASE);
  const a1c = lab(
    loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
    random.around(diabetic ? 7.6 : 5.4, diabetic ? 1.2 : 0.35),
    '%',
    { high: 5.6 },
  );
  const ldl = lab(
    loinc('18262-6', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay'),
    random.around(118, 32),
    'mg/dL',
    { high: 129 },
  );
  const filtration = lab(
    loinc('33914-3', 'Glomerular filtration rate [Volume Rate/Area] in Serum or Plasma by MDRD'),
    random.around(renal ? 48 : 88, renal ? 12 : 16),
    'mL/min/{1.73_m2}',
    { low: 60 },
  );
  addReport(chart.beside('report'), visit, [a1c, ldl, filtration]);
}

/** The limit of the usual range that matters for a value, in its unit. */
type Usual = { readonly high: number } | { readonly low: number };

/** What a laboratory adds to a value outside the usual range: the flag, and the range. */
function flagged(value: number, unit: string, usual: Usual): Partial<Observation> {
  const shown = quantityOf(value, unit).value ?? value;
  const isHigh = 'high' in usual && shown > usual.high;
  const isLow = 'low' in usual && shown < usual.low;
  if (!isHigh && !isLow) return {};
  const range =
    'high' in usual ? { high: quantityOf(usual.high, unit) } : { low: quantityOf(usual.low, unit) };
  return {
    interpretation: [{ coding: [{ system: INTERPRETATION, code: isHigh ? 'H' : 'L' }] }],
    referenceRange: [range],
  };
}

/** The laboratory's report of a visit: what it measured, by reference. */
function addReport(chart: Chart, visit: Visit, result: readonly Pointer[]): void {
  chart.add({
    resourceType: 'DiagnosticReport',
    status: 'final',
    category: [{ coding: [{ system: SECTION, code: 'LAB' }] }],
    code: conceptOf(loinc('11502-2', 'Laboratory report')),
    subject: chart.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(visit.ms),
    issued: instant(visit.ms + 3 * 3_600_000),
    result: [...result],
  });
}

function measure(
  chart: Chart,
  visit: Visit,
  category: Category,
  term: CodedTerm,
  value: number,
  unit: string,
): void {
  chart.add({
    ...observed(chart, visit, category, term),
    valueQuantity: quantityOf(value, unit),
  });
}

function observed(chart: Chart, visit: Visit, category: Category, term: CodedTerm): Observation {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [conceptOf({ system: CATEGORY, code: category, display: category })],
    code: conceptOf(term),
    subject: chart.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(visit.ms),
  };
}

function has(person: Person, { code }: CodedTerm): boolean {
  return person.diseases.some(({ term }) => term.code === code);
}
