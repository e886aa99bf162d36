import {
  ADMINISTRATION_STATUSES,
  type MedicationAdministrationContent,
} from './kind-medication-administration.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds MedicationAdministration: a medicine given or not given, as in FHIR R4. */
export function addMedicationAdministrationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationAdministrationStatus', {
    values: ADMINISTRATION_STATUSES,
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
        description: 'NOT_DONE says that it was not given, and statusReason why.',
      }),
      statusReason: t.expose('statusReason', { type: [CodeableConceptRef] }),
      category: t.expose('category', { type: CodeableConceptRef, nullable: true }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: 'No coding if it refers to a Medication that is not inside it.',
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: 'Null if unknown or without an end.',
      }),
      reasonCode: t.expose('reasonCode', { type: [CodeableConceptRef] }),
      dosage: t.expose('dosage', { type: DosageRef, nullable: true }),
    }),
  });
}
