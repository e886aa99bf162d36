import type { Condition as FhirCondition } from '@medplum/fhirtypes';
import { statusIn } from './fhir/modifiers.js';
import { partialOf } from './fhir/partial.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './fhir-record.js';
import {
  CLINICAL_STATUSES,
  type ConditionContent,
  VERIFICATION_STATUSES,
} from './kind-condition.js';

/** Reads a Condition of which modifiers.ts knows that it was not entered in error. */
export function parseCondition(
  resource: FhirCondition,
): ParsedRecord<ConditionContent> | undefined {
  const { onsetDateTime: onset, abatementDateTime: abatement } = resource;
  const recorded = resource.recordedDate ?? onset;
  const content: ConditionContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Condition', resource),
    category: parseConcepts(resource.category),
    code: parseConcept(resource.code),
    clinicalStatus: toListed(
      statusIn(resource.clinicalStatus, 'Condition.clinicalStatus'),
      CLINICAL_STATUSES,
    ),
    verificationStatus: toListed(
      statusIn(resource.verificationStatus, 'Condition.verificationStatus'),
      VERIFICATION_STATUSES,
    ),
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
