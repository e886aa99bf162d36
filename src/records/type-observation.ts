import {
  OBSERVATION_STATUSES,
  type ObservationComponent,
  type ObservationContent,
  type ObservationValue,
  type StringValue,
} from './kind-observation.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Observation: a measurement or finding, as FHIR R4 Observation. */
export function addObservationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ObservationStatus', { values: OBSERVATION_STATUSES });
  const ObservationValueRef = addObservationValue(types);
  const ComponentRef = builder.objectRef<ObservationComponent>('ObservationComponent').implement({
    description: 'A part of an observation, for example systolic pressure in a blood pressure.',
    fields: (t) => ({
      code: t.expose('code', { type: CodeableConceptRef }),
      value: t.field({ type: ObservationValueRef, nullable: true, resolve: ({ value }) => value }),
    }),
  });
  return builder.objectRef<Released & ObservationContent>('Observation').implement({
    description: 'A measurement or finding, as FHIR R4 Observation.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      category: t.expose('category', { type: [CodeableConceptRef] }),
      code: t.expose('code', { type: CodeableConceptRef }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: 'An instant lasts a second, a day a day. Null if unknown or without an end.',
      }),
      value: t.field({
        type: ObservationValueRef,
        nullable: true,
        description: 'Null if it has components instead, or no value that is coded or measured.',
        resolve: ({ value }) => value,
      }),
      component: t.expose('component', { type: [ComponentRef] }),
    }),
  });
}

function addObservationValue<Opened>({
  builder,
  CodeableConceptRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  const StringValueRef = builder.objectRef<StringValue>('StringValue').implement({
    description: 'A boolean, a time or a ratio as text. Never free text.',
    fields: (t) => ({ text: t.exposeString('text') }),
  });
  return builder.unionType('ObservationValue', {
    types: [QuantityRef, CodeableConceptRef, StringValueRef],
    resolveType: typeOfValue,
  });
}

function typeOfValue(value: ObservationValue): 'CodeableConcept' | 'StringValue' | 'Quantity' {
  if ('coding' in value) return 'CodeableConcept';
  return 'text' in value ? 'StringValue' : 'Quantity';
}
