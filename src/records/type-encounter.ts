import { ENCOUNTER_STATUSES, type EncounterContent } from './kind-encounter.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Encounter: a visit or a stay, as FHIR R4 Encounter. */
export function addEncounterType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodingRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('EncounterStatus', { values: ENCOUNTER_STATUSES });
  return builder.objectRef<Released & EncounterContent>('Encounter').implement({
    description: 'A visit or a stay, as FHIR R4 Encounter: neither where it was nor with whom.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      class: t.expose('class', {
        type: CodingRef,
        nullable: true,
        description: 'Ambulatory, emergency, inpatient; null without a code of a terminology.',
      }),
      type: t.expose('type', { type: [CodeableConceptRef] }),
      period: t.expose('period', {
        type: PeriodRef,
        nullable: true,
        description: 'Null if unknown or not over.',
      }),
      reasonCode: t.expose('reasonCode', { type: [CodeableConceptRef] }),
      dischargeDisposition: t.expose('dischargeDisposition', {
        type: CodeableConceptRef,
        nullable: true,
      }),
    }),
  });
}
