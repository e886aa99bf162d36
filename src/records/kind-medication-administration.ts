import type { Period } from '../core/time.js';
import { type Dosage, dosage } from './dosage.js';
import type { CodeableConcept, Dated } from './model.js';
import {
  civilDate,
  concept,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from './wire-element.js';

export const ADMINISTRATION_STATUSES = [
  'IN_PROGRESS',
  'NOT_DONE',
  'ON_HOLD',
  'COMPLETED',
  'STOPPED',
  'UNKNOWN',
] as const;

/** What a MedicationAdministration says. */
export interface MedicationAdministrationContent extends Dated {
  readonly status: (typeof ADMINISTRATION_STATUSES)[number];
  readonly statusReason: readonly CodeableConcept[];
  readonly category: CodeableConcept | null;
  readonly medication: CodeableConcept;
  readonly effective: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dosage: Dosage | null;
}

export const MEDICATION_ADMINISTRATION_WIRE: WireOf<MedicationAdministrationContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(ADMINISTRATION_STATUSES),
  statusReason: list(concept),
  category: maybe(concept),
  medication: concept,
  effective: maybe(period),
  reasonCode: list(concept),
  dosage: maybe(dosage),
};
