import { isoFromSeconds, type Period } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import type { CodeableConcept, Coding, Quantity } from './model.js';

/** Adds what values are made of. Shareable: other domains speak of codes and amounts too. */
export function addConceptTypes<Opened>(builder: Builder<Opened>) {
  const CodingRef = builder.objectRef<Coding>('Coding').implement({
    shareable: true,
    description: 'A code of a terminology.',
    fields: (t) => ({
      system: t.expose('system', { type: 'URI' }),
      code: t.exposeString('code'),
      display: t.exposeString('display', { nullable: true, description: 'As the source has it.' }),
    }),
  });
  const CodeableConceptRef = builder.objectRef<CodeableConcept>('CodeableConcept').implement({
    shareable: true,
    description: 'A meaning in one or several terminologies. Its free text never leaves a node.',
    fields: (t) => ({ coding: t.expose('coding', { type: [CodingRef] }) }),
  });
  const QuantityRef = builder.objectRef<Quantity>('Quantity').implement({
    shareable: true,
    description: 'A measured amount.',
    fields: (t) => ({
      value: t.expose('value', { type: 'Decimal' }),
      unit: t.exposeString('unit', { nullable: true }),
      code: t.exposeString('code', { nullable: true, description: 'UCUM.' }),
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
  return { CodingRef, CodeableConceptRef, QuantityRef, PeriodRef };
}
