import { isoFromSeconds, type Period } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import type { Observation, ObservationComponent } from './model.js';
import { OBSERVATION_STATUSES } from './model.js';
import type { ConceptTypes } from './type-concept.js';
import type { RecordInterface } from './type-record.js';

/** Adds Observation: a measurement or finding, as FHIR R4 Observation. */
export function addObservationType<Opened>(
  builder: Builder<Opened>,
  recordRef: RecordInterface<Opened>,
  { CodeableConceptRef, ObservationValueRef }: ConceptTypes<Opened>,
) {
  const StatusEnum = builder.enumType('ObservationStatus', { values: OBSERVATION_STATUSES });
  const PeriodRef = builder.objectRef<Period>('Period').implement({
    shareable: true,
    description: 'Half-open: from is in it, until is not.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', resolve: ({ from }) => isoFromSeconds(from) }),
      until: t.field({ type: 'DateTime', resolve: ({ until }) => isoFromSeconds(until) }),
    }),
  });
  const ComponentRef = builder.objectRef<ObservationComponent>('ObservationComponent').implement({
    description: 'A part of an observation, for example systolic pressure in a blood pressure.',
    fields: (t) => ({
      code: t.field({ type: CodeableConceptRef, resolve: ({ code }) => code }),
      value: t.field({ type: ObservationValueRef, nullable: true, resolve: ({ value }) => value }),
    }),
  });
  return builder.objectRef<Observation>('Observation').implement({
    description: 'A measurement or finding, as FHIR R4 Observation.',
    interfaces: [recordRef],
    fields: (t) => ({
      status: t.field({ type: StatusEnum, resolve: ({ status }) => status }),
      category: t.field({ type: [CodeableConceptRef], resolve: ({ category }) => category }),
      code: t.field({ type: CodeableConceptRef, resolve: ({ code }) => code }),
      effective: t.field({
        type: PeriodRef,
        nullable: true,
        description:
          'An instant lasts a second, a day a day, and without EXACT_DATE all last whole years. ' +
          'Null if unknown or without an end.',
        resolve: ({ effective }) => effective,
      }),
      value: t.field({
        type: ObservationValueRef,
        nullable: true,
        description: 'Null if it has components instead, or no value that is coded or measured.',
        resolve: ({ value }) => value,
      }),
      component: t.field({ type: [ComponentRef], resolve: ({ component }) => component }),
    }),
  });
}
