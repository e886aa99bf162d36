import type {
  DosageDoseAndRate,
  MedicationAdministration,
  MedicationAdministrationDosage,
} from '@medplum/fhirtypes';
import type { Dosage } from './dosage.js';
import { partialOf } from './fhir/partial.js';
import { toListed } from './fhir-concept.js';
import { civilDateOf } from './fhir-date.js';
import { parseDosage, parseDoseAndRate } from './fhir-dosage.js';
import { parseMedication } from './fhir-medication.js';
import { parseHappened } from './fhir-period.js';
import {
  codesOf,
  codingsOf,
  type ParsedRecord,
  parseConcepts,
  parseOptional,
} from './fhir-record.js';
import {
  ADMINISTRATION_STATUSES,
  type MedicationAdministrationContent,
} from './kind-medication-administration.js';

/** Reads a MedicationAdministration; undefined if it was entered in error. */
export function parseMedicationAdministration(
  resource: MedicationAdministration,
): ParsedRecord<MedicationAdministrationContent> | undefined {
  const status = toListed(resource.status, ADMINISTRATION_STATUSES);
  if (status === null) return undefined;
  const { effectiveDateTime, effectivePeriod } = resource;
  const { period, span, recorded } = parseHappened(effectiveDateTime, effectivePeriod);
  const content: MedicationAdministrationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('MedicationAdministration', resource),
    status,
    statusReason: parseConcepts(resource.statusReason),
    category: parseOptional(resource.category),
    medication: parseMedication(resource),
    effective: period,
    reasonCode: parseConcepts(resource.reasonCode),
    dosage: resource.dosage === undefined ? null : parseGiven(resource.dosage),
  };
  return {
    content,
    span,
    codes: codingsOf(content.medication),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}

/** One dose, given once: what a prescription says of time and need does not apply. */
function parseGiven(dosage: MedicationAdministrationDosage): Dosage {
  const { site, route, method, dose, rateRatio, rateQuantity } = dosage;
  const isMeasured = dose !== undefined || rateRatio !== undefined || rateQuantity !== undefined;
  const given = { doseQuantity: dose, rateRatio, rateQuantity } as DosageDoseAndRate;
  return {
    ...parseDosage({}),
    site: parseOptional(site),
    route: parseOptional(route),
    method: parseOptional(method),
    doseAndRate: isMeasured ? [parseDoseAndRate(given)] : [],
  };
}
