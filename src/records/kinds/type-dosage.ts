import type { Builder } from '../../graph/builder.js';
import type { Dosage, DoseAndRate } from '../model/dosage.js';
import { EMPTY_UNCODED, NULL_UNCODED, NULL_UNSAID } from '../model/elements.js';
import type { ConceptTypes } from './type-concept.js';
import { addDosageTiming } from './type-dosage-timing.js';

/** For an amount with a unit. */
const NULL_CUT = 'Null if the source does not say, or has a unit that may not be released.';

/** Adds Dosage: how a medicine is or was taken, as far as it is coded or measured. */
export function addDosageType<Opened>(builder: Builder<Opened>, concepts: ConceptTypes<Opened>) {
  const { CodeableConceptRef, QuantityRef, RatioRef } = concepts;
  const TimingRef = addDosageTiming(builder, concepts);
  const DoseAndRateRef = addDoseAndRate(builder, concepts);
  return builder.objectRef<Dosage>('Dosage').implement({
    description:
      'How a medicine is or was taken, as far as it is coded or measured. `partial` of the ' +
      'record names what the source says beyond that.',
    fields: (t) => {
      const concept = (name: 'asNeededFor' | 'site' | 'route' | 'method', of: string) =>
        t.expose(name, {
          type: CodeableConceptRef,
          nullable: true,
          description: `${of} ${NULL_UNCODED}`,
        });
      const most = (name: 'maxDosePerAdministration' | 'maxDosePerLifetime', of: string) =>
        t.expose(name, { type: QuantityRef, nullable: true, description: `${of} ${NULL_CUT}` });
      return {
        sequence: t.exposeInt('sequence', {
          nullable: true,
          description: `Its place in the sequence; those with the same number go together. ${NULL_UNSAID}`,
        }),
        additionalInstruction: t.expose('additionalInstruction', {
          type: [CodeableConceptRef],
          description: `For example with meals. ${EMPTY_UNCODED}`,
        }),
        asNeeded: t.exposeBoolean('asNeeded', {
          nullable: true,
          description: `Whether it is taken only when needed. ${NULL_UNSAID}`,
        }),
        asNeededFor: concept('asNeededFor', 'The reason for taking it when needed.'),
        site: concept('site', 'Where on the body.'),
        route: concept('route', 'How it enters the body, for example by mouth.'),
        method: concept('method', 'How it is given, for example as a slow injection.'),
        timing: t.expose('timing', {
          type: TimingRef,
          nullable: true,
          description: `When it is taken. ${NULL_UNSAID}`,
        }),
        doseAndRate: t.expose('doseAndRate', {
          type: [DoseAndRateRef],
          description:
            'The dose per administration, and the rate. Empty if the source does not say.',
        }),
        maxDosePerPeriod: t.expose('maxDosePerPeriod', {
          type: RatioRef,
          nullable: true,
          description: `The maximum dose per period. ${NULL_CUT}`,
        }),
        maxDosePerAdministration: most(
          'maxDosePerAdministration',
          'The maximum dose per administration.',
        ),
        maxDosePerLifetime: most('maxDosePerLifetime', 'The maximum dose in a lifetime.'),
      };
    },
  });
}

function addDoseAndRate<Opened>(
  builder: Builder<Opened>,
  { CodeableConceptRef, QuantityRef, RangeRef, RatioRef }: ConceptTypes<Opened>,
) {
  return builder.objectRef<DoseAndRate>('DoseAndRate').implement({
    description: 'The dose per administration and the rate, each in one of its forms.',
    fields: (t) => ({
      type: t.expose('type', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Whether it is ordered or calculated. ${NULL_UNCODED}`,
      }),
      doseQuantity: t.expose('doseQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `The dose per administration, unless it is a range. ${NULL_CUT}`,
      }),
      doseRange: t.expose('doseRange', {
        type: RangeRef,
        nullable: true,
        description: `The dose per administration as a range. ${NULL_CUT}`,
      }),
      rateRatio: t.expose('rateRatio', {
        type: RatioRef,
        nullable: true,
        description: `The rate as an amount per time. ${NULL_CUT}`,
      }),
      rateRange: t.expose('rateRange', {
        type: RangeRef,
        nullable: true,
        description: `The rate as a range. ${NULL_CUT}`,
      }),
      rateQuantity: t.expose('rateQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `The rate, for example in mL/h. ${NULL_CUT}`,
      }),
    }),
  });
}
