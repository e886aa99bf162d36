import type { Procedure } from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf } from './fhir-date.js';
import { parseHappened } from './fhir-period.js';
import {
  codesOf,
  codingsOf,
  type ParsedRecord,
  parseConcepts,
  parseOptional,
} from './fhir-record.js';
import { PROCEDURE_STATUSES, type ProcedureContent } from './kind-procedure.js';

/** Reads a Procedure; undefined if it was entered in error. */
export function parseProcedure(resource: Procedure): ParsedRecord<ProcedureContent> | undefined {
  const status = toListed(resource.status, PROCEDURE_STATUSES);
  if (status === null) return undefined;
  const { performedDateTime, performedPeriod } = resource;
  const { period, span, recorded } = parseHappened(performedDateTime, performedPeriod);
  const content: ProcedureContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Procedure', resource),
    status,
    statusReason: parseOptional(resource.statusReason),
    category: parseOptional(resource.category),
    code: parseConcept(resource.code),
    performed: period,
    reasonCode: parseConcepts(resource.reasonCode),
    bodySite: parseConcepts(resource.bodySite),
    outcome: parseOptional(resource.outcome),
    complication: parseConcepts(resource.complication),
  };
  return {
    content,
    span,
    codes: codingsOf(content.code),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}
