import type { Condition as FhirCondition } from '@medplum/fhirtypes';
import { codeIn, parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './fhir-record.js';
import {
  CLINICAL_STATUSES,
  type ConditionContent,
  VERIFICATION_STATUSES,
} from './kind-condition.js';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/** Reads a Condition; undefined if it was entered in error, so that nobody is told of it. */
export function parseCondition(
  resource: FhirCondition,
): ParsedRecord<ConditionContent> | undefined {
  const verification = codeIn(resource.verificationStatus, VERIFICATION);
  if (verification === 'entered-in-error') return undefined;
  const onset = resource.onsetDateTime ?? resource.onsetPeriod?.start;
  const abatement =
    resource.abatementDateTime ?? resource.abatementPeriod?.end ?? resource.onsetPeriod?.end;
  const recorded = resource.recordedDate ?? onset;
  const content: ConditionContent = {
    recorded: civilDateOf(recorded),
    category: parseConcepts(resource.category),
    code: parseConcept(resource.code),
    clinicalStatus: toListed(codeIn(resource.clinicalStatus, CLINICAL), CLINICAL_STATUSES),
    verificationStatus: toListed(verification, VERIFICATION_STATUSES),
    onset: civilDateOf(onset),
    abatement: civilDateOf(abatement),
  };
  return {
    content,
    span: spanOf(onset, abatement, recorded),
    codes: codingsOf(content.code),
    categories: codesOf(...content.category),
  };
}
