import type {
  Observation as FhirObservation,
  ObservationComponent as FhirObservationComponent,
  ObservationReferenceRange,
} from '@medplum/fhirtypes';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf } from '../fhir/date.js';
import { partialOf } from '../fhir/partial.js';
import { hull, parseHappened } from '../fhir/period.js';
import { parseRange } from '../fhir/quantity.js';
import { EMPTY_UNCODED, NO_CODING, NULL_UNCODED } from '../model/elements.js';
import type { Released } from '../model/model.js';
import { parseObservationValue } from './fhir-observation-value.js';
import type { Kind } from './kind.js';
import {
  OBSERVATION_STATUSES,
  OBSERVATION_WIRE,
  type ObservationComponent,
  type ObservationContent,
  type ReferenceRange,
} from './observation-content.js';
import { valuesOf } from './observation-values.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import { OBSERVATION_STATUS } from './statuses.js';
import { addObservationValue, addReferenceRange } from './type-observation-value.js';
import type { RecordTypes } from './type-record.js';

/** Reads an Observation; undefined if it was entered in error. */
function parseObservation(resource: FhirObservation): ParsedRecord<ObservationContent> | undefined {
  const status = toListed(resource.status, OBSERVATION_STATUSES);
  if (status === null) return undefined;
  const { effectiveDateTime, effectiveInstant, effectivePeriod, issued } = resource;
  const instant = effectiveDateTime ?? effectiveInstant;
  const { period, span, recorded } = parseHappened(instant, effectivePeriod, issued);
  const content: ObservationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Observation', resource),
    status,
    category: parseConcepts(resource.category),
    effective: period,
    bodySite: parseOptional(resource.bodySite),
    method: parseOptional(resource.method),
    ...parseFinding(resource),
    component: (resource.component ?? []).map(parseFinding),
  };
  const told = [content, ...content.component].flatMap(({ value }) =>
    value !== null && 'from' in value ? [value] : [],
  );
  return {
    content,
    span: hull(span, ...told),
    // A component is found by its own code too: systolic pressure inside the blood pressure panel.
    codes: codingsOf(content.code, ...content.component.map(({ code }) => code)),
    categories: codesOf(...content.category),
    values: valuesOf(content),
  };
}

function parseFinding(of: FhirObservation | FhirObservationComponent): ObservationComponent {
  return {
    code: parseConcept(of.code),
    value: parseObservationValue(of),
    dataAbsentReason: parseOptional(of.dataAbsentReason),
    interpretation: parseConcepts(of.interpretation),
    referenceRange: (of.referenceRange ?? []).flatMap(parseReferenceRange),
  };
}

/** A range that is described only in words is dropped. */
function parseReferenceRange(range: ObservationReferenceRange): readonly ReferenceRange[] {
  const ends = parseRange(range);
  if (ends === null) return [];
  const { type, appliesTo } = range;
  return [{ ...ends, type: parseOptional(type), appliesTo: parseConcepts(appliesTo) }];
}

/** Adds Observation: a measurement or finding, as FHIR R4 Observation. */
function addObservationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ObservationStatus', {
    description: 'The status of an observation, as FHIR ObservationStatus.',
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
      status: t.expose('status', {
        type: StatusEnum,
        description: 'The status of the observation.',
      }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example vital signs or laboratory. ${EMPTY_UNCODED}`,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description:
          'The time that it applies to. An instant lasts a second, a date the whole day, and ' +
          'without EXACT_DATE everything lasts whole years. Null if unknown, or without an ' +
          'end yet.',
      }),
      bodySite: t.expose('bodySite', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where on the body. ${NULL_UNCODED}`,
      }),
      method: t.expose('method', {
        type: CodeableConceptRef,
        nullable: true,
        description: `The method used. ${NULL_UNCODED}`,
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

/** Adds the fields that an observation and its components have in common. */
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
          'The result. Null if it has components instead, or no coded or measured value.',
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
        description: `How the value is interpreted, for example high. ${EMPTY_UNCODED}`,
        resolve: ({ interpretation }: ObservationComponent) => interpretation,
      }),
      referenceRange: t.field({
        type: [ReferenceRangeRef],
        description: 'The usual range, as far as it is measured. Empty if the source has none.',
        resolve: ({ referenceRange }: ObservationComponent) => referenceRange,
      }),
    }));
  }
}

/** FHIR R4 Observation: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const OBSERVATION: Kind<FhirObservation, ObservationContent> = {
  dataClass: 'OBSERVATION',
  name: 'Observation',
  field: 'observations',
  words: 'Measurements and findings',
  filter: {
    codes: 'code and component.code',
    categories: 'category',
    value: true,
    range: 'effective',
  },
  wire: OBSERVATION_WIRE,
  parse: parseObservation,
  addType: addObservationType,
};
