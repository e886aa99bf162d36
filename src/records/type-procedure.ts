import { PROCEDURE_STATUSES, type ProcedureContent } from './kind-procedure.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Procedure: something done to the participant, as FHIR R4 Procedure. */
export function addProcedureType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ProcedureStatus', { values: PROCEDURE_STATUSES });
  return builder.objectRef<Released & ProcedureContent>('Procedure').implement({
    description: 'Something done to or for the participant, as FHIR R4 Procedure.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: 'NOT_DONE says that it was not, and statusReason why.',
      }),
      statusReason: t.expose('statusReason', { type: CodeableConceptRef, nullable: true }),
      category: t.expose('category', { type: CodeableConceptRef, nullable: true }),
      code: t.expose('code', { type: CodeableConceptRef }),
      performed: t.expose('performed', {
        type: PeriodRef,
        nullable: true,
        description: 'Null if unknown or without an end.',
      }),
      reasonCode: t.expose('reasonCode', { type: [CodeableConceptRef] }),
      bodySite: t.expose('bodySite', { type: [CodeableConceptRef] }),
      outcome: t.expose('outcome', { type: CodeableConceptRef, nullable: true }),
      complication: t.expose('complication', { type: [CodeableConceptRef] }),
    }),
  });
}
