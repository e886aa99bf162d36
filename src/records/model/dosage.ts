import { z } from 'zod';
import type { Period } from '../../core/time.js';
import type { CodeableConcept, Quantity, Range, Ratio } from './model.js';
import {
  concept,
  count,
  decimal,
  elementOf,
  flag,
  leaf,
  list,
  listed,
  maybe,
  period,
  quantity,
  range,
  ratio,
} from './wire-element.js';

/** UCUM units of FHIR's Timing.repeat. */
export const TIME_UNITS = ['S', 'MIN', 'H', 'D', 'WK', 'MO', 'A'] as const;
/** @source FHIR R4, http://hl7.org/fhir/ValueSet/days-of-week */
export const DAYS_OF_WEEK = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
/** @source FHIR R4, http://hl7.org/fhir/ValueSet/event-timing */
export const EVENT_TIMINGS = [
  ...(['MORN', 'MORN_EARLY', 'MORN_LATE', 'NOON', 'AFT', 'AFT_EARLY', 'AFT_LATE'] as const),
  ...(['EVE', 'EVE_EARLY', 'EVE_LATE', 'NIGHT', 'PHS', 'HS', 'WAKE', 'C', 'CM', 'CD'] as const),
  ...(['CV', 'AC', 'ACM', 'ACD', 'ACV', 'PC', 'PCM', 'PCD', 'PCV'] as const),
] as const;

/** FHIR's Timing.repeat and Timing.code: how often, when in the day, how long. */
export interface DosageTiming {
  readonly boundsDuration: Quantity | null;
  readonly boundsRange: Range | null;
  readonly boundsPeriod: Period | null;
  readonly count: number | null;
  readonly countMax: number | null;
  /** Decimals, in `durationUnit`. */
  readonly duration: string | null;
  readonly durationMax: string | null;
  readonly durationUnit: (typeof TIME_UNITS)[number] | null;
  readonly frequency: number | null;
  readonly frequencyMax: number | null;
  /** Decimals, in `periodUnit`. */
  readonly period: string | null;
  readonly periodMax: string | null;
  readonly periodUnit: (typeof TIME_UNITS)[number] | null;
  readonly dayOfWeek: readonly (typeof DAYS_OF_WEEK)[number][];
  /** hh:mm:ss */
  readonly timeOfDay: readonly string[];
  readonly when: readonly (typeof EVENT_TIMINGS)[number][];
  /** Minutes from the event that `when` names. */
  readonly offset: number | null;
  readonly code: CodeableConcept | null;
}

/** The dose per administration, and the rate. */
export interface DoseAndRate {
  readonly type: CodeableConcept | null;
  readonly doseQuantity: Quantity | null;
  readonly doseRange: Range | null;
  readonly rateRatio: Ratio | null;
  readonly rateRange: Range | null;
  readonly rateQuantity: Quantity | null;
}

/** How a medicine is or was taken, as far as it is coded or measured. */
export interface Dosage {
  readonly sequence: number | null;
  readonly additionalInstruction: readonly CodeableConcept[];
  readonly asNeeded: boolean | null;
  /** The reason for taking it when needed. */
  readonly asNeededFor: CodeableConcept | null;
  readonly site: CodeableConcept | null;
  readonly route: CodeableConcept | null;
  readonly method: CodeableConcept | null;
  readonly timing: DosageTiming | null;
  readonly doseAndRate: readonly DoseAndRate[];
  readonly maxDosePerPeriod: Ratio | null;
  readonly maxDosePerAdministration: Quantity | null;
  readonly maxDosePerLifetime: Quantity | null;
}

const timing = elementOf<DosageTiming>({
  boundsDuration: maybe(quantity),
  boundsRange: maybe(range),
  boundsPeriod: maybe(period),
  count: maybe(count),
  countMax: maybe(count),
  duration: maybe(decimal),
  durationMax: maybe(decimal),
  durationUnit: maybe(listed(TIME_UNITS)),
  frequency: maybe(count),
  frequencyMax: maybe(count),
  period: maybe(decimal),
  periodMax: maybe(decimal),
  periodUnit: maybe(listed(TIME_UNITS)),
  dayOfWeek: list(listed(DAYS_OF_WEEK)),
  timeOfDay: list(leaf(z.string().regex(/^\d{2}:\d{2}:\d{2}(\.\d{1,9})?$/))),
  when: list(listed(EVENT_TIMINGS)),
  offset: maybe(count),
  code: maybe(concept),
});

const doseAndRate = elementOf<DoseAndRate>({
  type: maybe(concept),
  doseQuantity: maybe(quantity),
  doseRange: maybe(range),
  rateRatio: maybe(ratio),
  rateRange: maybe(range),
  rateQuantity: maybe(quantity),
});

export const dosage = elementOf<Dosage>({
  sequence: maybe(count),
  additionalInstruction: list(concept),
  asNeeded: maybe(flag),
  asNeededFor: maybe(concept),
  site: maybe(concept),
  route: maybe(concept),
  method: maybe(concept),
  timing: maybe(timing),
  doseAndRate: list(doseAndRate),
  maxDosePerPeriod: maybe(ratio),
  maxDosePerAdministration: maybe(quantity),
  maxDosePerLifetime: maybe(quantity),
});
