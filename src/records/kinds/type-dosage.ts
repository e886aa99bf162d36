import type { Builder } from '../../graph/builder.js';
import type { Dosage, DoseAndRate } from '../model/dosage.js';
import { EMPTY_UNCODED, NULL_UNCODED, NULL_UNSAID } from '../model/elements.js';
import type { ConceptTypes } from './type-concept.js';
import { addDosageTiming } from './type-dosage-timing.js';

/** Of an amount that its unit belongs to. */
const NULL_CUT = 'Null if the source does not say, or says it with a unit that does not leave.';

/** Adds Dosage: how a medicine is or was taken, as far as it is coded or measured. */
export function addDosageType<Opened>(builder: Builder<Opened>, concepts: ConceptTypes<Opened>) {
  const { CodeableConceptRef, QuantityRef, RatioRef } = concepts;
  const TimingRef = addDosageTiming(builder, concepts);
  const DoseAndRateRef = addDoseAndRate(builder, concepts);
  return builder.objectRef<Dosage>('Dosage').implement({
    description:
      'How a medicine is or was taken, as far as it is coded or measured. What the source says ' +
      'beyond it is named in `partial` of the record.',
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
          description: `Its place among the others; those of one place go together. ${NULL_UNSAID}`,
        }),
        additionalInstruction: t.expose('additionalInstruction', {
          type: [CodeableConceptRef],
          description: `For example with meals. ${EMPTY_UNCODED}`,
        }),
        asNeeded: t.exposeBoolean('asNeeded', {
          nullable: true,
          description: `Whether it is taken only when needed. ${NULL_UNSAID}`,
        }),
        asNeededFor: concept('asNeededFor', 'What it is needed for.'),
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
          description: 'How much at a time, and how fast. Empty if the source does not say.',
        }),
        maxDosePerPeriod: t.expose('maxDosePerPeriod', {
          type: RatioRef,
          nullable: true,
          description: `At most so much in so long. ${NULL_CUT}`,
        }),
        maxDosePerAdministration: most('maxDosePerAdministration', 'At most so much at a time.'),
        maxDosePerLifetime: most('maxDosePerLifetime', 'At most so much in a life.'),
      };
    },
  });
}

function addDoseAndRate<Opened>(
  builder: Builder<Opened>,
  { CodeableConceptRef, QuantityRef, RangeRef, RatioRef }: ConceptTypes<Opened>,
) {
  return builder.objectRef<DoseAndRate>('DoseAndRate').implement({
    description: 'How much at a time, and how fast: each in one of its forms.',
    fields: (t) => ({
      type: t.expose('type', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Whether it is ordered or calculated. ${NULL_UNCODED}`,
      }),
      doseQuantity: t.expose('doseQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `How much at a time, unless it is a range. ${NULL_CUT}`,
      }),
      doseRange: t.expose('doseRange', {
        type: RangeRef,
        nullable: true,
        description: `From how much to how much at a time. ${NULL_CUT}`,
      }),
      rateRatio: t.expose('rateRatio', {
        type: RatioRef,
        nullable: true,
        description: `So much in so long. ${NULL_CUT}`,
      }),
      rateRange: t.expose('rateRange', {
        type: RangeRef,
        nullable: true,
        description: `From how fast to how fast. ${NULL_CUT}`,
      }),
      rateQuantity: t.expose('rateQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `How fast, for example in mL/h. ${NULL_CUT}`,
      }),
    }),
  });
}
