import { z } from 'zod';
import type { Period } from '../core/time.js';
import type { CodeableConcept, Dated, Quantity } from './model.js';
import {
  civilDate,
  concept,
  type Element,
  elementOf,
  list,
  listed,
  maybe,
  period,
  quantity,
  text,
  type WireOf,
} from './wire-element.js';

export const OBSERVATION_STATUSES = [
  'REGISTERED',
  'PRELIMINARY',
  'FINAL',
  'AMENDED',
  'CORRECTED',
  'CANCELLED',
  'UNKNOWN',
] as const;

/** A value that is neither measured nor coded: a boolean, a time or a ratio. Never free text. */
export interface StringValue {
  readonly text: string;
}

export type ObservationValue = Quantity | CodeableConcept | StringValue;

export interface ObservationComponent {
  readonly code: CodeableConcept;
  readonly value: ObservationValue | null;
}

/** What an Observation says. */
export interface ObservationContent extends Dated {
  readonly status: (typeof OBSERVATION_STATUSES)[number];
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly effective: Period | null;
  readonly value: ObservationValue | null;
  readonly component: readonly ObservationComponent[];
}

const stringValue: Element<StringValue> = elementOf<StringValue>({ text });

const value: Element<ObservationValue> = {
  selection: `{ ... on Quantity ${quantity.selection} ... on CodeableConcept ${concept.selection}
    ... on StringValue ${stringValue.selection} }`,
  form: z.union([quantity.form, concept.form, stringValue.form]),
};

const component: Element<ObservationComponent> = elementOf<ObservationComponent>({
  code: concept,
  value: maybe(value),
});

export const OBSERVATION_WIRE: WireOf<ObservationContent> = {
  recorded: maybe(civilDate),
  status: listed(OBSERVATION_STATUSES),
  category: list(concept),
  code: concept,
  effective: maybe(period),
  value: maybe(value),
  component: list(component, 1_000),
};
