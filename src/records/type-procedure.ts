import { describedValues } from '../graph/words.js';
import type { ProcedureContent } from './kind-procedure.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { EMPTY_UNCODED, NO_CODING, NOT_DONE, NULL_UNCODED, PERIOD_NULL } from './words/elements.js';
import { PROCEDURE_STATUS } from './words/statuses.js';

/** Adds Procedure: something done to the participant, as FHIR R4 Procedure. */
export function addProcedureType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ProcedureStatus', {
    description: 'How far a procedure is, as FHIR EventStatus.',
    values: describedValues(PROCEDURE_STATUS),
  });
  return builder.objectRef<Released & ProcedureContent>('Procedure').implement({
    description: 'Something done to or for the participant, as FHIR R4 Procedure.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Why it was not done. ${NULL_UNCODED}`,
      }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example surgical or diagnostic. ${NULL_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `What was done. ${NO_CODING}`,
      }),
      performed: t.expose('performed', {
        type: PeriodRef,
        nullable: true,
        description: `When it was done. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was done. ${EMPTY_UNCODED}`,
      }),
      bodySite: t.expose('bodySite', {
        type: [CodeableConceptRef],
        description: `Where on the body. ${EMPTY_UNCODED}`,
      }),
      outcome: t.expose('outcome', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it ended, for example successful. ${NULL_UNCODED}`,
      }),
      complication: t.expose('complication', {
        type: [CodeableConceptRef],
        description: `What went wrong during or after it. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}
