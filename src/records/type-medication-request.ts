import {
  type MedicationRequestContent,
  REQUEST_INTENTS,
  REQUEST_STATUSES,
} from './kind-medication-request.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds MedicationRequest: a medicine prescribed, as FHIR R4 MedicationRequest. */
export function addMedicationRequestType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationRequestStatus', { values: REQUEST_STATUSES });
  const IntentEnum = builder.enumType('MedicationRequestIntent', { values: REQUEST_INTENTS });
  return builder.objectRef<Released & MedicationRequestContent>('MedicationRequest').implement({
    description: 'A medicine prescribed, as FHIR R4 MedicationRequest.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      intent: t.expose('intent', { type: IntentEnum, nullable: true }),
      category: t.expose('category', { type: [CodeableConceptRef] }),
      doNotPerform: t.exposeBoolean('doNotPerform', {
        description: 'True if it asks that the medicine is not given.',
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: 'No coding if it refers to a Medication that is not inside it.',
      }),
      authoredOn: t.expose('authoredOn', { type: 'Date', nullable: true }),
      reasonCode: t.expose('reasonCode', { type: [CodeableConceptRef] }),
      dosageInstruction: t.expose('dosageInstruction', { type: [DosageRef] }),
    }),
  });
}
