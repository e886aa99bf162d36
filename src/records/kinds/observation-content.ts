import { z } from 'zod';
import type { Period } from '../../core/time.js';
import type { CodeableConcept, Dated, Quantity, Range, Ratio } from '../model/model.js';
import {
  civilDate,
  concept,
  count,
  decimal,
  type Element,
  elementOf,
  list,
  listed,
  maybe,
  partial,
  period,
  quantity,
  range,
  ratio,
  text,
  type WireOf,
} from '../model/wire-element.js';

export const OBSERVATION_STATUSES = [
  'REGISTERED',
  'PRELIMINARY',
  'FINAL',
  'AMENDED',
  'CORRECTED',
  'CANCELLED',
  'UNKNOWN',
] as const;

/** A boolean or a time of day. Never free text. */
export interface StringValue {
  readonly text: string;
}

/**
 * That a device sampled something, and how. The samples are not released: a heartbeat can identify
 * a person.
 */
export interface SampledData {
  /** What a sample of zero means. */
  readonly origin: Quantity;
  /** Milliseconds between samples, a decimal. */
  readonly period: string;
  readonly factor: string | null;
  readonly lowerLimit: string | null;
  readonly upperLimit: string | null;
  /** Samples per time. */
  readonly dimensions: number;
}

/** A date or a time is the Period that it covers. */
export type ObservationValue =
  | Quantity
  | CodeableConcept
  | StringValue
  | Range
  | Ratio
  | Period
  | SampledData;

/** The usual range. Whom it applies to is given as far as it is coded. */
export interface ReferenceRange extends Range {
  readonly type: CodeableConcept | null;
  readonly appliesTo: readonly CodeableConcept[];
}

/** What an observation and each of its components have in common. */
interface Finding {
  readonly code: CodeableConcept;
  readonly value: ObservationValue | null;
  readonly dataAbsentReason: CodeableConcept | null;
  readonly interpretation: readonly CodeableConcept[];
  readonly referenceRange: readonly ReferenceRange[];
}

export type ObservationComponent = Finding;

/** What an Observation says. */
export interface ObservationContent extends Dated, Finding {
  readonly status: (typeof OBSERVATION_STATUSES)[number];
  readonly category: readonly CodeableConcept[];
  readonly effective: Period | null;
  readonly bodySite: CodeableConcept | null;
  readonly method: CodeableConcept | null;
  readonly component: readonly ObservationComponent[];
}

const stringValue = elementOf<StringValue>({ text });
const sampledData = elementOf<SampledData>({
  origin: quantity,
  period: decimal,
  factor: maybe(decimal),
  lowerLimit: maybe(decimal),
  upperLimit: maybe(decimal),
  dimensions: count,
});

const VALUES = {
  Quantity: quantity,
  CodeableConcept: concept,
  StringValue: stringValue,
  Range: range,
  Ratio: ratio,
  Period: period,
  SampledData: sampledData,
} as const;

const value: Element<ObservationValue> = {
  selection: `{ ${Object.entries(VALUES)
    .map(([type, { selection }]) => `... on ${type} ${selection}`)
    .join(' ')} }`,
  form: z.union(Object.values(VALUES).map(({ form }) => form as z.ZodType<ObservationValue>)),
};

const finding: WireOf<Finding> = {
  code: concept,
  value: maybe(value),
  dataAbsentReason: maybe(concept),
  interpretation: list(concept),
  referenceRange: list(
    elementOf<ReferenceRange>({
      low: maybe(quantity),
      high: maybe(quantity),
      type: maybe(concept),
      appliesTo: list(concept),
    }),
  ),
};

export const OBSERVATION_WIRE: WireOf<ObservationContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(OBSERVATION_STATUSES),
  category: list(concept),
  effective: maybe(period),
  bodySite: maybe(concept),
  method: maybe(concept),
  ...finding,
  component: list(elementOf<ObservationComponent>(finding)),
};
