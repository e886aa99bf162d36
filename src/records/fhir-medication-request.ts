import type { MedicationRequest } from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { parseDosage, periodsOf } from './fhir-dosage.js';
import { parseMedication } from './fhir-medication.js';
import { hull } from './fhir-period.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './fhir-record.js';
import {
  type MedicationRequestContent,
  REQUEST_INTENTS,
  REQUEST_STATUSES,
} from './kind-medication-request.js';

/** Reads a MedicationRequest; undefined if it was entered in error. */
export function parseMedicationRequest(
  resource: MedicationRequest,
): ParsedRecord<MedicationRequestContent> | undefined {
  const status = toListed(resource.status, REQUEST_STATUSES);
  if (status === null) return undefined;
  const { authoredOn } = resource;
  const dosageInstruction = (resource.dosageInstruction ?? []).map(parseDosage);
  const content: MedicationRequestContent = {
    recorded: civilDateOf(authoredOn),
    partial: partialOf('MedicationRequest', resource),
    status,
    intent: toListed(resource.intent, REQUEST_INTENTS),
    category: parseConcepts(resource.category),
    doNotPerform: resource.doNotPerform ?? false,
    medication: parseMedication(resource),
    authoredOn: civilDateOf(authoredOn),
    reasonCode: parseConcepts(resource.reasonCode),
    dosageInstruction,
  };
  return {
    content,
    span: hull(spanOf(authoredOn), ...periodsOf(dosageInstruction)),
    codes: codingsOf(content.medication),
    categories: codesOf(...content.category),
  };
}
