import { IMMUNIZATION_STATUSES, type ImmunizationContent } from './kind-immunization.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Immunization: a vaccine given or not given, as FHIR R4 Immunization. */
export function addImmunizationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, QuantityRef } = types;
  const StatusEnum = builder.enumType('ImmunizationStatus', { values: IMMUNIZATION_STATUSES });
  return builder.objectRef<Released & ImmunizationContent>('Immunization').implement({
    description: 'A vaccine given or not given, as FHIR R4 Immunization.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: 'NOT_DONE says that it was not given, and statusReason why.',
      }),
      statusReason: t.expose('statusReason', { type: CodeableConceptRef, nullable: true }),
      vaccineCode: t.expose('vaccineCode', { type: CodeableConceptRef }),
      occurrence: t.expose('occurrence', { type: 'Date', nullable: true }),
      primarySource: t.exposeBoolean('primarySource', {
        nullable: true,
        description: 'Whether whoever gave it wrote it down. Null if the source does not say.',
      }),
      site: t.expose('site', { type: CodeableConceptRef, nullable: true }),
      route: t.expose('route', { type: CodeableConceptRef, nullable: true }),
      doseQuantity: t.expose('doseQuantity', { type: QuantityRef, nullable: true }),
      reasonCode: t.expose('reasonCode', { type: [CodeableConceptRef] }),
    }),
  });
}
