import type {
  CodeableConcept as FhirCodeableConcept,
  MedicationDispense,
} from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseQuantity } from './fhir/quantity.js';
import { codeIn, GTIN, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { parseDosage, periodsOf } from './fhir-dosage.js';
import { containedMedication, parseMedication } from './fhir-medication.js';
import { hull } from './fhir-period.js';
import { codesOf, codingsOf, type ParsedRecord, parseOptional } from './fhir-record.js';
import { DISPENSE_STATUSES, type DispenseContent, type LotKey } from './kind-dispense.js';

const GTIN_DIGITS = /^\d{8}$|^\d{12,14}$/;
/** GS1 AI 10: up to 20 characters of its set 82. @source GS1 General Specifications, 3.4.4 */
const LOT = /^[!-"%-?A-Z_a-z]{1,20}$/;

/** Reads a MedicationDispense; undefined if it was entered in error. */
export function parseDispense(
  resource: MedicationDispense,
): ParsedRecord<DispenseContent> | undefined {
  const status = toListed(resource.status, DISPENSE_STATUSES);
  if (status === null) return undefined;
  // FHIR R4 keeps a dispense's lot in Medication.batch, so the Medication comes inside it.
  const contained = containedMedication(resource);
  const concept = resource.medicationCodeableConcept ?? contained?.code;
  const dosageInstruction = (resource.dosageInstruction ?? []).map(parseDosage);
  const recorded = resource.whenHandedOver ?? resource.whenPrepared;
  const content: DispenseContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('MedicationDispense', resource),
    status,
    category: parseOptional(resource.category),
    medication: parseMedication(resource),
    quantity: parseQuantity(resource.quantity),
    daysSupply: parseQuantity(resource.daysSupply),
    dosageInstruction,
    lot: lotOf(concept, contained?.batch?.lotNumber),
  };
  return {
    content,
    span: hull(
      spanOf(resource.whenHandedOver, resource.whenPrepared),
      ...periodsOf(dosageInstruction),
    ),
    codes: codingsOf(content.medication),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}

function lotOf(concept: FhirCodeableConcept | undefined, lot: string | undefined): LotKey | null {
  const gtin = codeIn(concept, GTIN);
  if (gtin === undefined || !GTIN_DIGITS.test(gtin)) return null;
  if (lot === undefined || !LOT.test(lot)) return null;
  return { gtin: gtin.padStart(14, '0'), lot };
}
