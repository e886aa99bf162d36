import { type Dosage, dosage } from './dosage.js';
import type { CodeableConcept, Dated } from './model.js';
import {
  civilDate,
  concept,
  flag,
  list,
  listed,
  maybe,
  partial,
  type WireOf,
} from './wire-element.js';

export const REQUEST_STATUSES = [
  'ACTIVE',
  'ON_HOLD',
  'CANCELLED',
  'COMPLETED',
  'STOPPED',
  'DRAFT',
  'UNKNOWN',
] as const;
export const REQUEST_INTENTS = [
  'PROPOSAL',
  'PLAN',
  'ORDER',
  'ORIGINAL_ORDER',
  'REFLEX_ORDER',
  'FILLER_ORDER',
  'INSTANCE_ORDER',
  'OPTION',
] as const;

/** What a MedicationRequest says. */
export interface MedicationRequestContent extends Dated {
  readonly status: (typeof REQUEST_STATUSES)[number];
  readonly intent: (typeof REQUEST_INTENTS)[number] | null;
  readonly category: readonly CodeableConcept[];
  /** Whether it asks that the medicine is not given. */
  readonly doNotPerform: boolean;
  readonly medication: CodeableConcept;
  /** A civil date. */
  readonly authoredOn: string | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dosageInstruction: readonly Dosage[];
}

export const MEDICATION_REQUEST_WIRE: WireOf<MedicationRequestContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(REQUEST_STATUSES),
  intent: maybe(listed(REQUEST_INTENTS)),
  category: list(concept),
  doNotPerform: flag,
  medication: concept,
  authoredOn: maybe(civilDate),
  reasonCode: list(concept),
  dosageInstruction: list(dosage),
};
