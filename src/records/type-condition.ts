import {
  CLINICAL_STATUSES,
  type ConditionContent,
  VERIFICATION_STATUSES,
} from './kind-condition.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Condition: a diagnosis or problem, as FHIR R4 Condition. */
export function addConditionType<Opened>({
  builder,
  RecordRef,
  CodeableConceptRef,
}: RecordTypes<Opened>) {
  const ClinicalEnum = builder.enumType('ConditionClinicalStatus', { values: CLINICAL_STATUSES });
  const VerificationEnum = builder.enumType('ConditionVerificationStatus', {
    values: VERIFICATION_STATUSES,
  });
  return builder.objectRef<Released & ConditionContent>('Condition').implement({
    description: 'A diagnosis or problem, as FHIR R4 Condition.',
    interfaces: [RecordRef],
    fields: (t) => ({
      category: t.expose('category', { type: [CodeableConceptRef] }),
      code: t.expose('code', { type: CodeableConceptRef }),
      clinicalStatus: t.expose('clinicalStatus', { type: ClinicalEnum, nullable: true }),
      verificationStatus: t.expose('verificationStatus', {
        type: VerificationEnum,
        nullable: true,
      }),
      onset: t.expose('onset', { type: 'Date', nullable: true }),
      abatement: t.expose('abatement', { type: 'Date', nullable: true }),
    }),
  });
}
