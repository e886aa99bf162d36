import type { MedicationRequest } from '@medplum/fhirtypes';
import { toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { parseDosage } from './fhir-dosage.js';
import { parseMedication } from './fhir-medication.js';
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
  const content: MedicationRequestContent = {
    recorded: civilDateOf(authoredOn),
    status,
    intent: toListed(resource.intent, REQUEST_INTENTS),
    category: parseConcepts(resource.category),
    doNotPerform: resource.doNotPerform ?? false,
    medication: parseMedication(resource),
    authoredOn: civilDateOf(authoredOn),
    reasonCode: parseConcepts(resource.reasonCode),
    dosageInstruction: (resource.dosageInstruction ?? []).map(parseDosage),
  };
  return {
    content,
    span: spanOf(authoredOn),
    codes: codingsOf(content.medication),
    categories: codesOf(...content.category),
  };
}
