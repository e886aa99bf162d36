import { codeKey } from '../deidentify/concept.js';
import type { CodeableConcept, Quantity } from '../model/model.js';
import type { ObservationContent, ObservationValue } from './observation-content.js';

/** One value as value filters see it: an interval in a UCUM unit, or codes. */
export interface MeasuredValue {
  /** Codes of the observation or the component that has the value: 'system|code'. */
  readonly codes: readonly string[];
  /** Null if nothing is measured. A value without a UCUM unit matches no bounds. */
  readonly ucum: string | null;
  /** Decimals; null for no end. An open end is not part of the interval. */
  readonly low: string | null;
  readonly low_open: boolean;
  readonly high: string | null;
  readonly high_open: boolean;
  readonly coded: readonly string[];
}

type Interval = Pick<MeasuredValue, 'ucum' | 'low' | 'low_open' | 'high' | 'high_open'>;

const NOT_MEASURED: Interval = {
  ucum: null,
  low: null,
  low_open: false,
  high: null,
  high_open: false,
};

/**
 * The values of an observation's content. Only what is released, so that a filter finds no more
 * than that.
 */
export function valuesOf({ code, value, component }: ObservationContent): readonly MeasuredValue[] {
  return [{ code, value }, ...component].flatMap((one) => measuredValueOf(one.code, one.value));
}

function measuredValueOf(code: CodeableConcept, value: ObservationValue | null): MeasuredValue[] {
  if (value === null) return [];
  const codes = code.coding.map(codeKey);
  if ('coding' in value) {
    return [{ codes, ...NOT_MEASURED, coded: value.coding.map(codeKey) }];
  }
  const interval = intervalOf(value);
  return interval === undefined ? [] : [{ codes, ...interval, coded: [] }];
}

function intervalOf(value: Exclude<ObservationValue, CodeableConcept>): Interval | undefined {
  if ('low' in value) {
    const [low, high] = [value.low, value.high];
    const ucum = low?.code ?? high?.code ?? null;
    const other = high?.code ?? ucum;
    if (ucum === null || other !== ucum) return undefined;
    const ends = { low: low?.value ?? null, high: high?.value ?? null };
    return { ...NOT_MEASURED, ucum, ...ends };
  }
  return 'value' in value && value.code !== null ? intervalOfQuantity(value) : undefined;
}

/** "<5" is everything below 5: it is certain to be under 6, but not certain to be over 4. */
function intervalOfQuantity({ value, comparator, code }: Quantity): Interval {
  const bounded = { ...NOT_MEASURED, ucum: code };
  if (comparator === null) return { ...bounded, low: value, high: value };
  const open = comparator === 'LESS_THAN' || comparator === 'MORE_THAN';
  return comparator === 'LESS_THAN' || comparator === 'AT_MOST'
    ? { ...bounded, high: value, high_open: open }
    : { ...bounded, low: value, low_open: open };
}
