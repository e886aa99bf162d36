import { describedValues } from '../graph/words.js';
import type {
  CLINICAL_STATUSES,
  ConditionContent,
  VERIFICATION_STATUSES,
} from './kind-condition.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { DATE_NULL, EMPTY_UNCODED, NO_CODING, NULL_UNSAID } from './words/elements.js';

/** Adds Condition: a diagnosis or problem, as FHIR R4 Condition. */
export function addConditionType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef } = types;
  const { ClinicalEnum, VerificationEnum } = addConditionEnums(types);
  return builder.objectRef<Released & ConditionContent>('Condition').implement({
    description: 'A diagnosis or problem, as FHIR R4 Condition.',
    interfaces: [RecordRef],
    fields: (t) => ({
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example a problem list's item or a visit's diagnosis. ${EMPTY_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `The diagnosis or problem. ${NO_CODING}`,
      }),
      clinicalStatus: t.expose('clinicalStatus', {
        type: ClinicalEnum,
        nullable: true,
        description: `Whether it is present now. ${NULL_UNSAID}`,
      }),
      verificationStatus: t.expose('verificationStatus', {
        type: VerificationEnum,
        nullable: true,
        description: `How certain it is. ${NULL_UNSAID}`,
      }),
      onset: t.expose('onset', {
        type: 'Date',
        nullable: true,
        description: `When it began. ${DATE_NULL}`,
      }),
      abatement: t.expose('abatement', {
        type: 'Date',
        nullable: true,
        description: `When it ended. ${DATE_NULL}`,
      }),
    }),
  });
}

function addConditionEnums<Opened>({ builder }: RecordTypes<Opened>) {
  const ClinicalEnum = builder.enumType('ConditionClinicalStatus', {
    description: 'Whether a condition is present now.',
    values: describedValues<(typeof CLINICAL_STATUSES)[number]>({
      ACTIVE: 'It is present.',
      RECURRENCE: 'It is present again after it was resolved.',
      RELAPSE: 'It is present again after it had become better.',
      INACTIVE: 'It is no longer present.',
      REMISSION: 'Its symptoms are gone or less, and may come back.',
      RESOLVED: 'It is over and not expected to come back.',
    }),
  });
  const VerificationEnum = builder.enumType('ConditionVerificationStatus', {
    description: 'How certain a condition is.',
    values: describedValues<(typeof VERIFICATION_STATUSES)[number]>({
      UNCONFIRMED: 'There is not enough to confirm it.',
      PROVISIONAL: 'A working diagnosis, still to be confirmed.',
      DIFFERENTIAL: 'One of several possible diagnoses.',
      CONFIRMED: 'There is enough to hold it for certain.',
      REFUTED: 'It was ruled out.',
    }),
  });
  return { ClinicalEnum, VerificationEnum };
}
