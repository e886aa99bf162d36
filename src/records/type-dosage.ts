import type { Builder } from '../graph/builder.js';
import { type Dosage, type DosageTiming, TIME_UNITS } from './dosage.js';
import type { ConceptTypes } from './type-concept.js';

/** Adds Dosage: how a medicine is or was taken, as far as it is coded or measured. */
export function addDosageType<Opened>(
  builder: Builder<Opened>,
  { CodeableConceptRef, QuantityRef, RangeRef }: ConceptTypes<Opened>,
) {
  const UnitEnum = builder.enumType('TimeUnit', { values: TIME_UNITS, description: 'UCUM.' });
  const TimingRef = builder.objectRef<DosageTiming>('DosageTiming').implement({
    description: 'So many times in so long.',
    fields: (t) => ({
      frequency: t.exposeInt('frequency', { nullable: true }),
      period: t.expose('period', { type: 'Decimal', nullable: true }),
      periodUnit: t.expose('periodUnit', { type: UnitEnum, nullable: true }),
      code: t.expose('code', { type: CodeableConceptRef, nullable: true }),
    }),
  });
  return builder.objectRef<Dosage>('Dosage').implement({
    description: 'How a medicine is or was taken, as far as it is coded or measured.',
    fields: (t) => ({
      asNeeded: t.exposeBoolean('asNeeded', { nullable: true }),
      site: t.expose('site', { type: CodeableConceptRef, nullable: true }),
      route: t.expose('route', { type: CodeableConceptRef, nullable: true }),
      method: t.expose('method', { type: CodeableConceptRef, nullable: true }),
      timing: t.expose('timing', { type: TimingRef, nullable: true }),
      doseQuantity: t.expose('doseQuantity', { type: QuantityRef, nullable: true }),
      doseRange: t.expose('doseRange', { type: RangeRef, nullable: true }),
    }),
  });
}
