import type { Immunization } from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseQuantity } from './fhir/quantity.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './fhir-record.js';
import { IMMUNIZATION_STATUSES, type ImmunizationContent } from './kind-immunization.js';

/** Reads an Immunization; undefined if it was entered in error. */
export function parseImmunization(
  resource: Immunization,
): ParsedRecord<ImmunizationContent> | undefined {
  const status = toListed(resource.status, IMMUNIZATION_STATUSES);
  if (status === null) return undefined;
  const { occurrenceDateTime: occurrence, primarySource } = resource;
  const recorded = occurrence ?? resource.recorded;
  const content: ImmunizationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Immunization', resource),
    status,
    statusReason: parseOptional(resource.statusReason),
    vaccineCode: parseConcept(resource.vaccineCode),
    occurrence: civilDateOf(occurrence),
    isSubpotent: resource.isSubpotent ?? false,
    primarySource: primarySource ?? null,
    site: parseOptional(resource.site),
    route: parseOptional(resource.route),
    doseQuantity: parseQuantity(resource.doseQuantity),
    reasonCode: parseConcepts(resource.reasonCode),
  };
  return {
    content,
    span: spanOf(recorded),
    codes: codingsOf(content.vaccineCode),
    categories: [],
  };
}
