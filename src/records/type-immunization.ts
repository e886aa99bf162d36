import { describedValues } from '../graph/words.js';
import type { ImmunizationContent } from './kind-immunization.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import {
  DATE_NULL,
  EMPTY_UNCODED,
  NO_CODING,
  NOT_DONE,
  NULL_UNCODED,
  NULL_UNSAID,
} from './words/elements.js';
import { IMMUNIZATION_STATUS } from './words/statuses.js';

/** Adds Immunization: a vaccine given or not given, as FHIR R4 Immunization. */
export function addImmunizationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, QuantityRef } = types;
  const StatusEnum = builder.enumType('ImmunizationStatus', {
    description: 'Whether a vaccine was given.',
    values: describedValues(IMMUNIZATION_STATUS),
  });
  return builder.objectRef<Released & ImmunizationContent>('Immunization').implement({
    description: 'A vaccine given or not given, as FHIR R4 Immunization.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Why it was not given. ${NULL_UNCODED}`,
      }),
      vaccineCode: t.expose('vaccineCode', {
        type: CodeableConceptRef,
        description: `The vaccine. ${NO_CODING}`,
      }),
      occurrence: t.expose('occurrence', {
        type: 'Date',
        nullable: true,
        description: `When it was given, or was to be given. ${DATE_NULL}`,
      }),
      isSubpotent: t.exposeBoolean('isSubpotent', {
        description:
          'Whether it is known to be less than a full dose, which does not protect as one does.',
      }),
      primarySource: t.exposeBoolean('primarySource', {
        nullable: true,
        description: `Whether the record is by the one who gave it. ${NULL_UNSAID}`,
      }),
      site: t.expose('site', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where on the body. ${NULL_UNCODED}`,
      }),
      route: t.expose('route', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it entered the body. ${NULL_UNCODED}`,
      }),
      doseQuantity: t.expose('doseQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `How much was given. ${NULL_UNSAID}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was given. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}
