import { describedValues } from '../graph/words.js';
import type { EncounterContent } from './kind-encounter.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { EMPTY_UNCODED, NULL_UNCODED, PERIOD_NULL } from './words/elements.js';
import { ENCOUNTER_STATUS } from './words/statuses.js';

/** Adds Encounter: a visit or a stay, as FHIR R4 Encounter. */
export function addEncounterType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodingRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('EncounterStatus', {
    description: 'How far a visit or a stay is, as FHIR EncounterStatus.',
    values: describedValues(ENCOUNTER_STATUS),
  });
  return builder.objectRef<Released & EncounterContent>('Encounter').implement({
    description: 'A visit or a stay, as FHIR R4 Encounter: neither where it was nor with whom.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'How far it is.' }),
      class: t.expose('class', {
        type: CodingRef,
        nullable: true,
        description:
          'For example ambulatory, emergency or inpatient. Null without a code of a terminology.',
      }),
      type: t.expose('type', {
        type: [CodeableConceptRef],
        description: `What kind of visit or stay it is. ${EMPTY_UNCODED}`,
      }),
      period: t.expose('period', {
        type: PeriodRef,
        nullable: true,
        description: `From its beginning to its end. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why the patient came. ${EMPTY_UNCODED}`,
      }),
      dischargeDisposition: t.expose('dischargeDisposition', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where the patient went after a stay. ${NULL_UNCODED}`,
      }),
    }),
  });
}
