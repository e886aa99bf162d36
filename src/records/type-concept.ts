import { isoFromSeconds, type Period } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import {
  COMPARATORS,
  type CodeableConcept,
  type Coding,
  type Quantity,
  type Range,
} from './model.js';

/** Adds what values are made of. Shareable: other domains speak of codes and amounts too. */
export function addConceptTypes<Opened>(builder: Builder<Opened>) {
  const CodingRef = builder.objectRef<Coding>('Coding').implement({
    shareable: true,
    description: 'A code of a published terminology; codes of local systems stay at home.',
    fields: (t) => ({
      system: t.expose('system', { type: 'URI' }),
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
    fields: (t) => ({ coding: t.expose('coding', { type: [CodingRef] }) }),
  });
  const ComparatorEnum = builder.enumType('QuantityComparator', { values: COMPARATORS });
  const QuantityRef = builder.objectRef<Quantity>('Quantity').implement({
    shareable: true,
    description: 'A measured amount.',
    fields: (t) => ({
      value: t.expose('value', { type: 'Decimal' }),
      comparator: t.expose('comparator', {
        type: ComparatorEnum,
        nullable: true,
        description: 'Null for an exact value; else all that is known is this side of it.',
      }),
      unit: t.exposeString('unit', {
        nullable: true,
        description: 'A usual word for a unit, or UCUM; null if the source wrote anything else.',
      }),
      code: t.exposeString('code', { nullable: true, description: 'UCUM.' }),
    }),
  });
  const RangeRef = builder.objectRef<Range>('Range').implement({
    shareable: true,
    description: 'From low to high, both in it; an end that is null is open.',
    fields: (t) => ({
      low: t.expose('low', { type: QuantityRef, nullable: true }),
      high: t.expose('high', { type: QuantityRef, nullable: true }),
    }),
  });
  const PeriodRef = builder.objectRef<Period>('Period').implement({
    shareable: true,
    description: 'Half-open: from is in it, until is not.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', resolve: ({ from }) => isoFromSeconds(from) }),
      until: t.field({ type: 'DateTime', resolve: ({ until }) => isoFromSeconds(until) }),
    }),
  });
  return { CodingRef, CodeableConceptRef, QuantityRef, RangeRef, PeriodRef };
}

export type ConceptTypes<Opened> = ReturnType<typeof addConceptTypes<Opened>>;
