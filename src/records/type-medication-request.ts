import { describedValues } from '../graph/words.js';
import type { MedicationRequestContent } from './kind-medication-request.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { DATE_NULL, EMPTY_UNCODED, MEDICATION, NULL_UNSAID } from './words/elements.js';
import { REQUEST_INTENT, REQUEST_STATUS } from './words/statuses.js';

/** Adds MedicationRequest: a medicine prescribed, as FHIR R4 MedicationRequest. */
export function addMedicationRequestType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationRequestStatus', {
    description: 'Where a prescription stands, as FHIR medicationrequest Status.',
    values: describedValues(REQUEST_STATUS),
  });
  const IntentEnum = builder.enumType('MedicationRequestIntent', {
    description: 'How binding a prescription is, as FHIR medicationRequest Intent.',
    values: describedValues(REQUEST_INTENT),
  });
  return builder.objectRef<Released & MedicationRequestContent>('MedicationRequest').implement({
    description: 'A medicine prescribed, as FHIR R4 MedicationRequest.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'Where it stands.' }),
      intent: t.expose('intent', {
        type: IntentEnum,
        nullable: true,
        description: `How binding it is. ${NULL_UNSAID}`,
      }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example inpatient, community or discharge. ${EMPTY_UNCODED}`,
      }),
      doNotPerform: t.exposeBoolean('doNotPerform', {
        description: 'Whether it asks that the medicine is not given.',
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: MEDICATION,
      }),
      authoredOn: t.expose('authoredOn', {
        type: 'Date',
        nullable: true,
        description: `When it was written. ${DATE_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was prescribed. ${EMPTY_UNCODED}`,
      }),
      dosageInstruction: t.expose('dosageInstruction', {
        type: [DosageRef],
        description: `How to take it, step by step. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}
