import type { Builder } from '../graph/builder.js';
import type { CodeableConcept, Coding, ObservationValue, Quantity, StringValue } from './model.js';

/** Adds what values are made of. Shareable: other domains speak of codes and amounts too. */
export function addConceptTypes<Opened>(builder: Builder<Opened>) {
  const CodingRef = builder.objectRef<Coding>('Coding').implement({
    shareable: true,
    description: 'A code of a published terminology; codes of local systems stay at home.',
    fields: (t) => ({
      system: t.field({ type: 'URI', resolve: ({ system }) => system }),
      code: t.exposeString('code'),
      display: t.exposeString('display', {
        nullable: true,
        description: "What many patients' records at this custodian call it; null if too few do.",
      }),
    }),
  });
  const CodeableConceptRef = builder.objectRef<CodeableConcept>('CodeableConcept').implement({
    shareable: true,
    description: 'A meaning in one or several terminologies. Its free text never leaves a node.',
    fields: (t) => ({ coding: t.field({ type: [CodingRef], resolve: ({ coding }) => coding }) }),
  });
  const QuantityRef = builder.objectRef<Quantity>('Quantity').implement({
    shareable: true,
    description: 'A measured amount.',
    fields: (t) => ({
      value: t.field({ type: 'Decimal', resolve: ({ value }) => value }),
      unit: t.exposeString('unit', {
        nullable: true,
        description: 'A usual word for a unit, or UCUM; null if the source wrote anything else.',
      }),
      code: t.exposeString('code', { nullable: true, description: 'UCUM.' }),
    }),
  });
  const StringValueRef = builder.objectRef<StringValue>('StringValue').implement({
    description: 'A boolean, a time or a ratio as text. Never free text.',
    fields: (t) => ({ text: t.exposeString('text') }),
  });
  const ObservationValueRef = builder.unionType('ObservationValue', {
    types: [QuantityRef, CodeableConceptRef, StringValueRef],
    resolveType: typeOfValue,
  });
  return { CodeableConceptRef, QuantityRef, ObservationValueRef };
}

export type ConceptTypes<Opened> = ReturnType<typeof addConceptTypes<Opened>>;

function typeOfValue(value: ObservationValue): 'CodeableConcept' | 'StringValue' | 'Quantity' {
  if ('coding' in value) return 'CodeableConcept';
  return 'text' in value ? 'StringValue' : 'Quantity';
}
