import { describedValues } from '../graph/words.js';
import type { ObservationComponent, ObservationContent } from './kind-observation.js';
import type { Released } from './model.js';
import { addObservationValue, addReferenceRange } from './type-observation-value.js';
import type { RecordTypes } from './type-record.js';
import { EMPTY_UNCODED, NO_CODING, NULL_UNCODED } from './words/elements.js';
import { OBSERVATION_STATUS } from './words/statuses.js';

/** Adds Observation: a measurement or finding, as FHIR R4 Observation. */
export function addObservationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ObservationStatus', {
    description: 'How far an observation is, as FHIR ObservationStatus.',
    values: describedValues(OBSERVATION_STATUS),
  });
  const ComponentRef = builder.objectRef<ObservationComponent>('ObservationComponent');
  builder.objectType(ComponentRef, {
    description: 'A part of an observation, for example systolic pressure in a blood pressure.',
  });
  const ObservationRef = builder.objectRef<Released & ObservationContent>('Observation');
  builder.objectType(ObservationRef, {
    description: 'A measurement or finding, as FHIR R4 Observation.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'How far it is.' }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example vital signs or laboratory. ${EMPTY_UNCODED}`,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description:
          'When it holds. An instant lasts a second, a day a day, and without EXACT_DATE all last ' +
          'whole years. Null if it is unknown, or has no end yet.',
      }),
      bodySite: t.expose('bodySite', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where on the body. ${NULL_UNCODED}`,
      }),
      method: t.expose('method', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it was made. ${NULL_UNCODED}`,
      }),
      component: t.expose('component', {
        type: [ComponentRef],
        description: 'Its parts. Empty for an observation that is one value.',
      }),
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
        description: `What was measured or found. ${NO_CODING}`,
        resolve: ({ code }: ObservationComponent) => code,
      }),
      value: t.field({
        type: ObservationValueRef,
        nullable: true,
        description:
          'The result. Null if it has components instead, or no value that is coded or measured.',
        resolve: ({ value }: ObservationComponent) => value,
      }),
      dataAbsentReason: t.field({
        type: CodeableConceptRef,
        nullable: true,
        description: `Why there is no value. ${NULL_UNCODED}`,
        resolve: ({ dataAbsentReason }: ObservationComponent) => dataAbsentReason,
      }),
      interpretation: t.field({
        type: [CodeableConceptRef],
        description: `How the value is to be read, for example high. ${EMPTY_UNCODED}`,
        resolve: ({ interpretation }: ObservationComponent) => interpretation,
      }),
      referenceRange: t.field({
        type: [ReferenceRangeRef],
        description: 'What is usual, as far as it is measured. Empty if the source has none.',
        resolve: ({ referenceRange }: ObservationComponent) => referenceRange,
      }),
    }));
  }
}
