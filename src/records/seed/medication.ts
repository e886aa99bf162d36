import type { CodeableConcept } from '@medplum/fhirtypes';
import { GTIN_SYSTEM } from '../codes/system-names.js';
import { type Chart, conceptOf, instant, metaOf } from './chart.js';
import type { CodedTerm, Disease } from './terms.js';
import type { Visit } from './vitals.js';

/** A lot that a pharmacy can hand out, as the supply chain knows it. */
export interface SeedLot {
  readonly gtin: string;
  readonly lot: string;
  /** RxNorm code of the medicine; a lot without one is never dispensed. */
  readonly rxnorm?: string | undefined;
}

const DAY_MS = 86_400_000;
const DAYS_SUPPLY = 90;

/** A prescription at a visit, and one dispense of it some days later. */
export function addMedication(
  chart: Chart,
  { medications, label }: Disease,
  visit: Visit,
  lots: readonly SeedLot[],
): void {
  const medication = medications[chart.random.integer(0, medications.length - 1)];
  if (medication === undefined) return;
  const request = chart.add({
    ...metaOf(label),
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: conceptOf(medication),
    subject: chart.subject,
    encounter: visit.encounter,
    authoredOn: instant(visit.ms),
    dosageInstruction: [{ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } }],
  });
  chart.add({
    ...metaOf(label),
    resourceType: 'MedicationDispense',
    status: 'completed',
    ...dispensed(chart, medication, lots),
    subject: chart.subject,
    authorizingPrescription: [request],
    quantity: {
      value: DAYS_SUPPLY,
      unit: '{tbl}',
      system: 'http://unitsofmeasure.org',
      code: '{tbl}',
    },
    daysSupply: { value: DAYS_SUPPLY, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
    whenHandedOver: instant(visit.ms + chart.random.integer(0, 4) * DAY_MS),
  });
}

/** The medicine as a code, or a Medication with its batch if a lot is in stock. */
function dispensed(chart: Chart, medication: CodedTerm, lots: readonly SeedLot[]) {
  const inStock = lots.filter(({ rxnorm }) => rxnorm === medication.code);
  const lot = inStock[chart.random.integer(0, Math.max(0, inStock.length - 1))];
  if (lot === undefined) return { medicationCodeableConcept: conceptOf(medication) };
  const product: CodedTerm = { system: GTIN_SYSTEM, code: lot.gtin, display: medication.display };
  const code: CodeableConcept = conceptOf(medication, product);
  return {
    contained: [
      {
        resourceType: 'Medication' as const,
        id: 'pack',
        code,
        batch: { lotNumber: lot.lot },
      },
    ],
    medicationReference: { reference: '#pack' },
  };
}
