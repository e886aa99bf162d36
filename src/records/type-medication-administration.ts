import { describedValues } from '../graph/words.js';
import type { MedicationAdministrationContent } from './kind-medication-administration.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import {
  EMPTY_UNCODED,
  MEDICATION,
  NOT_DONE,
  NULL_UNCODED,
  PERIOD_NULL,
} from './words/elements.js';
import { ADMINISTRATION_STATUS } from './words/statuses.js';

/** Adds MedicationAdministration: a medicine given or not given, as in FHIR R4. */
export function addMedicationAdministrationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationAdministrationStatus', {
    description: 'How far a medicine is given, as FHIR MedicationAdministration Status Codes.',
    values: describedValues(ADMINISTRATION_STATUS),
  });
  const ref = builder.objectRef<Released & MedicationAdministrationContent>(
    'MedicationAdministration',
  );
  return ref.implement({
    description: 'A medicine given or not given, as FHIR R4 MedicationAdministration.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: [CodeableConceptRef],
        description: `Why it was not given. ${EMPTY_UNCODED}`,
      }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example inpatient or community. ${NULL_UNCODED}`,
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: MEDICATION,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: `When it was given. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was given. ${EMPTY_UNCODED}`,
      }),
      dosage: t.expose('dosage', {
        type: DosageRef,
        nullable: true,
        description: `How it was given. ${NULL_UNCODED}`,
      }),
    }),
  });
}
