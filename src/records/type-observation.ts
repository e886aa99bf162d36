import {
  OBSERVATION_STATUSES,
  type ObservationComponent,
  type ObservationContent,
} from './kind-observation.js';
import type { Released } from './model.js';
import { addObservationValue, addReferenceRange } from './type-observation-value.js';
import type { RecordTypes } from './type-record.js';

/** Adds Observation: a measurement or finding, as FHIR R4 Observation. */
export function addObservationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ObservationStatus', { values: OBSERVATION_STATUSES });
  const ComponentRef = builder.objectRef<ObservationComponent>('ObservationComponent');
  builder.objectType(ComponentRef, {
    description: 'A part of an observation, for example systolic pressure in a blood pressure.',
  });
  const ObservationRef = builder.objectRef<Released & ObservationContent>('Observation');
  builder.objectType(ObservationRef, {
    description: 'A measurement or finding, as FHIR R4 Observation.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      category: t.expose('category', { type: [CodeableConceptRef] }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description:
          'An instant lasts a second, a day a day, and without EXACT_DATE all last whole years. ' +
          'Null if unknown or without an end.',
      }),
      bodySite: t.expose('bodySite', { type: CodeableConceptRef, nullable: true }),
      method: t.expose('method', { type: CodeableConceptRef, nullable: true }),
      component: t.expose('component', { type: [ComponentRef] }),
    }),
  });
  addFindings(types, [ComponentRef, ObservationRef as unknown as typeof ComponentRef]);
  return ObservationRef;
}

/** Adds what an observation and a component of one say alike. */
function addFindings<Opened>(
  types: RecordTypes<Opened>,
  refs: readonly { readonly $inferType: ObservationComponent }[],
): void {
  const { builder, CodeableConceptRef } = types;
  const ObservationValueRef = addObservationValue(types);
  const ReferenceRangeRef = addReferenceRange(types);
  for (const ref of refs) {
    builder.objectFields(ref as never, (t) => ({
      code: t.field({
        type: CodeableConceptRef,
        resolve: ({ code }: ObservationComponent) => code,
      }),
      value: t.field({
        type: ObservationValueRef,
        nullable: true,
        description: 'Null if it has components instead, or no value that is coded or measured.',
        resolve: ({ value }: ObservationComponent) => value,
      }),
      dataAbsentReason: t.field({
        type: CodeableConceptRef,
        nullable: true,
        resolve: ({ dataAbsentReason }: ObservationComponent) => dataAbsentReason,
      }),
      interpretation: t.field({
        type: [CodeableConceptRef],
        resolve: ({ interpretation }: ObservationComponent) => interpretation,
      }),
      referenceRange: t.field({
        type: [ReferenceRangeRef],
        description: 'What is usual, as far as it is measured.',
        resolve: ({ referenceRange }: ObservationComponent) => referenceRange,
      }),
    }));
  }
}
