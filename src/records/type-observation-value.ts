import type {
  ObservationValue,
  Ratio,
  ReferenceRange,
  SampledData,
  StringValue,
} from './kind-observation.js';
import type { RecordTypes } from './type-record.js';

/** Adds ObservationValue: every form of FHIR's value[x] but valueString, which is free text. */
export function addObservationValue<Opened>(types: RecordTypes<Opened>) {
  const { builder, CodeableConceptRef, QuantityRef, RangeRef, PeriodRef } = types;
  const StringValueRef = builder.objectRef<StringValue>('StringValue').implement({
    description: 'A boolean or a time of day as text. Never free text.',
    fields: (t) => ({ text: t.exposeString('text') }),
  });
  const RatioRef = builder.objectRef<Ratio>('Ratio').implement({
    description: 'One amount for another, for example a titre.',
    fields: (t) => ({
      numerator: t.expose('numerator', { type: QuantityRef }),
      denominator: t.expose('denominator', { type: QuantityRef }),
    }),
  });
  return builder.unionType('ObservationValue', {
    description: 'A date or a time is the Period that it covers.',
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

export function addReferenceRange<Opened>({
  builder,
  CodeableConceptRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  return builder.objectRef<ReferenceRange>('ReferenceRange').implement({
    description: 'What is usual, and for whom, as far as that is coded.',
    fields: (t) => ({
      low: t.expose('low', { type: QuantityRef, nullable: true }),
      high: t.expose('high', { type: QuantityRef, nullable: true }),
      type: t.expose('type', { type: CodeableConceptRef, nullable: true }),
      appliesTo: t.expose('appliesTo', { type: [CodeableConceptRef] }),
    }),
  });
}

function addSampledData<Opened>({ builder, QuantityRef }: RecordTypes<Opened>) {
  return builder.objectRef<SampledData>('SampledData').implement({
    description:
      'That a device sampled something, and how. The samples stay: they tell people apart.',
    fields: (t) => ({
      origin: t.expose('origin', {
        type: QuantityRef,
        description: 'What a sample of zero means.',
      }),
      period: t.expose('period', { type: 'Decimal', description: 'Milliseconds between samples.' }),
      factor: t.expose('factor', { type: 'Decimal', nullable: true }),
      lowerLimit: t.expose('lowerLimit', { type: 'Decimal', nullable: true }),
      upperLimit: t.expose('upperLimit', { type: 'Decimal', nullable: true }),
      dimensions: t.exposeInt('dimensions', { description: 'Samples at each time.' }),
    }),
  });
}

/** By an element that its type alone has. */
function typeOfValue(value: ObservationValue) {
  if ('coding' in value) return 'CodeableConcept';
  if ('text' in value) return 'StringValue';
  if ('low' in value) return 'Range';
  if ('numerator' in value) return 'Ratio';
  if ('origin' in value) return 'SampledData';
  return 'from' in value ? 'Period' : 'Quantity';
}
