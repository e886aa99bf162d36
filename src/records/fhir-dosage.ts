import type { Dosage as FhirDosage, Timing } from '@medplum/fhirtypes';
import { type Dosage, type DosageTiming, TIME_UNITS } from './dosage.js';
import { parseQuantity, toListed } from './fhir-concept.js';
import { parseOptional, parseRange } from './fhir-record.js';

/** Reads a Dosage without its words: `text`, `additionalInstruction` and `patientInstruction` stay. */
export function parseDosage(dosage: FhirDosage): Dosage {
  const { asNeededBoolean, asNeededCodeableConcept, doseAndRate: [given] = [] } = dosage;
  return {
    asNeeded: asNeededCodeableConcept === undefined ? (asNeededBoolean ?? null) : true,
    site: parseOptional(dosage.site),
    route: parseOptional(dosage.route),
    method: parseOptional(dosage.method),
    timing: dosage.timing === undefined ? null : parseTiming(dosage.timing),
    doseQuantity: parseQuantity(given?.doseQuantity),
    doseRange: parseRange(given?.doseRange),
  };
}

/** The single times of `event` stay: they are dates that the record is not told by. */
function parseTiming({ repeat, code }: Timing): DosageTiming {
  return {
    frequency: repeat?.frequency ?? null,
    period: repeat?.period === undefined ? null : String(repeat.period),
    periodUnit: toListed(repeat?.periodUnit, TIME_UNITS),
    code: parseOptional(code),
  };
}
