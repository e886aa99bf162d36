import type { CodeableConcept, Quantity, Range } from './model.js';
import {
  concept,
  count,
  decimal,
  elementOf,
  flag,
  listed,
  maybe,
  quantity,
  range,
} from './wire-element.js';

/** UCUM units of FHIR's Timing.repeat. */
export const TIME_UNITS = ['S', 'MIN', 'H', 'D', 'WK', 'MO', 'A'] as const;

/** So many times in so long. */
export interface DosageTiming {
  readonly frequency: number | null;
  /** A decimal, in `periodUnit`. */
  readonly period: string | null;
  readonly periodUnit: (typeof TIME_UNITS)[number] | null;
  readonly code: CodeableConcept | null;
}

/** How a medicine is or was taken, as far as it is coded or measured. */
export interface Dosage {
  readonly asNeeded: boolean | null;
  readonly site: CodeableConcept | null;
  readonly route: CodeableConcept | null;
  readonly method: CodeableConcept | null;
  readonly timing: DosageTiming | null;
  readonly doseQuantity: Quantity | null;
  readonly doseRange: Range | null;
}

export const dosage = elementOf<Dosage>({
  asNeeded: maybe(flag),
  site: maybe(concept),
  route: maybe(concept),
  method: maybe(concept),
  timing: maybe(
    elementOf<DosageTiming>({
      frequency: maybe(count),
      period: maybe(decimal),
      periodUnit: maybe(listed(TIME_UNITS)),
      code: maybe(concept),
    }),
  ),
  doseQuantity: maybe(quantity),
  doseRange: maybe(range),
});
