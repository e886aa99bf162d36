import { EMPTY_UNCODED, NULL_UNCODED, NULL_UNSAID } from '../model/elements.js';
import type {
  ObservationValue,
  ReferenceRange,
  SampledData,
  StringValue,
} from './observation-content.js';
import type { RecordTypes } from './type-record.js';

/** Adds ObservationValue: every form of FHIR's value[x] except valueString, which is free text. */
export function addObservationValue<Opened>(types: RecordTypes<Opened>) {
  const { builder, CodeableConceptRef, QuantityRef, RangeRef, RatioRef, PeriodRef } = types;
  const StringValueRef = builder.objectRef<StringValue>('StringValue').implement({
    description: 'A boolean or a time of day as text. Never free text.',
    fields: (t) => ({
      text: t.exposeString('text', { description: '`true`, `false`, or hh:mm:ss.' }),
    }),
  });
  return builder.unionType('ObservationValue', {
    description: 'The value of an observation. A date or a time is the Period that it covers.',
    types: [
      QuantityRef,
      CodeableConceptRef,
      StringValueRef,
      RangeRef,
      RatioRef,
      PeriodRef,
      addSampledData(types),
    ],
    resolveType: typeOfValue,
  });
}

/** Adds ReferenceRange, the usual range. */
export function addReferenceRange<Opened>({
  builder,
  CodeableConceptRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  return builder.objectRef<ReferenceRange>('ReferenceRange').implement({
    description: 'The usual range, and for whom, as far as that is coded.',
    fields: (t) => ({
      low: t.expose('low', {
        type: QuantityRef,
        nullable: true,
        description: 'The lowest usual value. Null: there is no lower end.',
      }),
      high: t.expose('high', {
        type: QuantityRef,
        nullable: true,
        description: 'The highest usual value. Null: there is no upper end.',
      }),
      type: t.expose('type', {
        type: CodeableConceptRef,
        nullable: true,
        description: `What kind of range it is, for example normal or therapeutic. ${NULL_UNCODED}`,
      }),
      appliesTo: t.expose('appliesTo', {
        type: [CodeableConceptRef],
        description: `The people to whom it applies. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}

function addSampledData<Opened>({ builder, QuantityRef }: RecordTypes<Opened>) {
  return builder.objectRef<SampledData>('SampledData').implement({
    description:
      'That a device sampled something, and how. The samples are not released: they can ' +
      'identify a person.',
    fields: (t) => ({
      origin: t.expose('origin', {
        type: QuantityRef,
        description: 'What a sample of zero means.',
      }),
      period: t.expose('period', { type: 'Decimal', description: 'Milliseconds between samples.' }),
      factor: t.expose('factor', {
        type: 'Decimal',
        nullable: true,
        description: 'The factor for samples before `origin` is added. Null: 1.',
      }),
      lowerLimit: t.expose('lowerLimit', {
        type: 'Decimal',
        nullable: true,
        description: `The lowest value that the device can measure. ${NULL_UNSAID}`,
      }),
      upperLimit: t.expose('upperLimit', {
        type: 'Decimal',
        nullable: true,
        description: `The highest value that the device can measure. ${NULL_UNSAID}`,
      }),
      dimensions: t.exposeInt('dimensions', {
        description: 'Number of samples per moment.',
      }),
    }),
  });
}

/** Tells the types apart by an element that only one of them has. */
function typeOfValue(value: ObservationValue) {
  if ('coding' in value) return 'CodeableConcept';
  if ('text' in value) return 'StringValue';
  if ('low' in value) return 'Range';
  if ('numerator' in value) return 'Ratio';
  if ('origin' in value) return 'SampledData';
  return 'from' in value ? 'Period' : 'Quantity';
}
