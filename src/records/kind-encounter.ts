import type { Period } from '../core/time.js';
import type { CodeableConcept, Coding, Dated } from './model.js';
import {
  civilDate,
  coding,
  concept,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from './wire-element.js';

export const ENCOUNTER_STATUSES = [
  'PLANNED',
  'ARRIVED',
  'TRIAGED',
  'IN_PROGRESS',
  'ONLEAVE',
  'FINISHED',
  'CANCELLED',
  'UNKNOWN',
] as const;

/** What an Encounter says: neither where it was nor with whom. */
export interface EncounterContent extends Dated {
  readonly status: (typeof ENCOUNTER_STATUSES)[number];
  /** Ambulatory, emergency, inpatient ...; null if it has no code of a terminology. */
  readonly class: Coding | null;
  readonly type: readonly CodeableConcept[];
  readonly period: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dischargeDisposition: CodeableConcept | null;
}

export const ENCOUNTER_WIRE: WireOf<EncounterContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(ENCOUNTER_STATUSES),
  class: maybe(coding),
  type: list(concept),
  period: maybe(period),
  reasonCode: list(concept),
  dischargeDisposition: maybe(concept),
};
