import type { Builder } from '../graph/builder.js';
import { describedValues } from '../graph/words.js';
import type { Dosage, DosageTiming, TIME_UNITS } from './dosage.js';
import type { ConceptTypes } from './type-concept.js';
import { NULL_UNCODED, NULL_UNSAID } from './words/elements.js';

/** Adds Dosage: how a medicine is or was taken, as far as it is coded or measured. */
export function addDosageType<Opened>(builder: Builder<Opened>, concepts: ConceptTypes<Opened>) {
  const { CodeableConceptRef, QuantityRef, RangeRef } = concepts;
  const TimingRef = addTiming(builder, concepts);
  return builder.objectRef<Dosage>('Dosage').implement({
    description: 'How a medicine is or was taken, as far as it is coded or measured.',
    fields: (t) => ({
      asNeeded: t.exposeBoolean('asNeeded', {
        nullable: true,
        description: `Whether it is taken only when needed. ${NULL_UNSAID}`,
      }),
      site: t.expose('site', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where on the body. ${NULL_UNCODED}`,
      }),
      route: t.expose('route', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it enters the body, for example by mouth. ${NULL_UNCODED}`,
      }),
      method: t.expose('method', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it is given, for example as a slow injection. ${NULL_UNCODED}`,
      }),
      timing: t.expose('timing', {
        type: TimingRef,
        nullable: true,
        description: `When it is taken. ${NULL_UNCODED}`,
      }),
      doseQuantity: t.expose('doseQuantity', {
        type: QuantityRef,
        nullable: true,
        description: 'How much at a time. Null if it is a range, or the source does not say.',
      }),
      doseRange: t.expose('doseRange', {
        type: RangeRef,
        nullable: true,
        description: 'From how much to how much at a time. Null unless the source has a range.',
      }),
    }),
  });
}

function addTiming<Opened>(builder: Builder<Opened>, { CodeableConceptRef }: ConceptTypes<Opened>) {
  const UnitEnum = builder.enumType('TimeUnit', {
    description: 'A UCUM unit of time.',
    values: describedValues<(typeof TIME_UNITS)[number]>({
      S: 'Seconds.',
      MIN: 'Minutes.',
      H: 'Hours.',
      D: 'Days.',
      WK: 'Weeks.',
      MO: 'Months.',
      A: 'Years.',
    }),
  });
  return builder.objectRef<DosageTiming>('DosageTiming').implement({
    description: 'So many times in so long: `frequency` times in `period` of `periodUnit`.',
    fields: (t) => ({
      frequency: t.exposeInt('frequency', {
        nullable: true,
        description: `How many times. ${NULL_UNSAID}`,
      }),
      period: t.expose('period', {
        type: 'Decimal',
        nullable: true,
        description: `In how long, counted in \`periodUnit\`. ${NULL_UNSAID}`,
      }),
      periodUnit: t.expose('periodUnit', {
        type: UnitEnum,
        nullable: true,
        description: `The unit of \`period\`. ${NULL_UNSAID}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        nullable: true,
        description: `The schedule as a code, for example twice a day. ${NULL_UNCODED}`,
      }),
    }),
  });
}
