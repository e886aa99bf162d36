import type { Builder } from '../../graph/builder.js';
import { addPeriodType } from '../../graph/period.js';
import { describedValues } from '../../graph/words.js';
import type {
  COMPARATORS,
  CodeableConcept,
  Coding,
  Quantity,
  Range,
  Ratio,
} from '../model/model.js';

/**
 * Adds the types that values are made of. Shareable, because other domains use codes and amounts
 * too.
 */
export function addConceptTypes<Opened>(builder: Builder<Opened>) {
  const CodingRef = builder.objectRef<Coding>('Coding').implement({
    shareable: true,
    description: 'A code of a published terminology. Codes of local systems are never released.',
    fields: (t) => ({
      system: t.expose('system', {
        type: 'URI',
        description: 'The terminology, for example http://loinc.org.',
      }),
      code: t.exposeString('code', {
        description: 'The code, as its terminology writes it.',
      }),
      display: t.exposeString('display', {
        nullable: true,
        description: "What many patients' records at this custodian call it; null if too few do.",
      }),
    }),
  });
  const CodeableConceptRef = builder.objectRef<CodeableConcept>('CodeableConcept').implement({
    shareable: true,
    description: 'A meaning in one or several terminologies. Its free text never leaves a node.',
    fields: (t) => ({
      coding: t.expose('coding', {
        type: [CodingRef],
        description:
          'The same meaning in each terminology that has a code for it. Empty if the source ' +
          'has only words or local codes.',
      }),
    }),
  });
  const { QuantityRef, RangeRef } = addAmounts(builder);
  const RatioRef = addRatio(builder, { QuantityRef });
  const PeriodRef = addPeriodType(builder);
  return { CodingRef, CodeableConceptRef, QuantityRef, RangeRef, RatioRef, PeriodRef };
}

function addAmounts<Opened>(builder: Builder<Opened>) {
  const ComparatorEnum = builder.enumType('QuantityComparator', {
    description: 'What is known about an amount that is not exact.',
    values: describedValues<(typeof COMPARATORS)[number]>({
      LESS_THAN: 'The amount is below the value.',
      AT_MOST: 'The amount is the value or below it.',
      AT_LEAST: 'The amount is the value or above it.',
      MORE_THAN: 'The amount is above the value.',
    }),
  });
  const QuantityRef = builder.objectRef<Quantity>('Quantity').implement({
    shareable: true,
    description: 'A measured amount.',
    fields: (t) => ({
      value: t.expose('value', {
        type: 'Decimal',
        description: 'The amount or, with a comparator, its bound.',
      }),
      comparator: t.expose('comparator', {
        type: ComparatorEnum,
        nullable: true,
        description: 'Null for an exact value; otherwise on which side of the value the amount is.',
      }),
      unit: t.exposeString('unit', {
        nullable: true,
        description: 'A common word for a unit, or UCUM; null if the source wrote anything else.',
      }),
      code: t.exposeString('code', {
        nullable: true,
        description: 'The unit as a UCUM code. Null if the source has no UCUM code.',
      }),
    }),
  });
  const RangeRef = builder.objectRef<Range>('Range').implement({
    shareable: true,
    description: 'From low to high, both included; an end that is null is open.',
    fields: (t) => ({
      low: t.expose('low', {
        type: QuantityRef,
        nullable: true,
        description: 'The lower end. Null: it has none.',
      }),
      high: t.expose('high', {
        type: QuantityRef,
        nullable: true,
        description: 'The upper end. Null: it has none.',
      }),
    }),
  });
  return { QuantityRef, RangeRef };
}

function addRatio<Opened>(
  builder: Builder<Opened>,
  { QuantityRef }: Pick<ReturnType<typeof addAmounts<Opened>>, 'QuantityRef'>,
) {
  return builder.objectRef<Ratio>('Ratio').implement({
    shareable: true,
    description: 'One amount per another, for example a titre.',
    fields: (t) => ({
      numerator: t.expose('numerator', { type: QuantityRef, description: 'The amount.' }),
      denominator: t.expose('denominator', {
        type: QuantityRef,
        description: 'The amount that it is per.',
      }),
    }),
  });
}

export type ConceptTypes<Opened> = ReturnType<typeof addConceptTypes<Opened>>;
