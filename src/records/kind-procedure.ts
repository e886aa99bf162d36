import type { Period } from '../core/time.js';
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

export const PROCEDURE_STATUSES = [
  'PREPARATION',
  'IN_PROGRESS',
  'NOT_DONE',
  'ON_HOLD',
  'STOPPED',
  'COMPLETED',
  'UNKNOWN',
] as const;

/** What a Procedure says. */
export interface ProcedureContent extends Dated {
  readonly status: (typeof PROCEDURE_STATUSES)[number];
  readonly statusReason: CodeableConcept | null;
  readonly category: CodeableConcept | null;
  readonly code: CodeableConcept;
  readonly performed: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly bodySite: readonly CodeableConcept[];
  readonly outcome: CodeableConcept | null;
  readonly complication: readonly CodeableConcept[];
}

export const PROCEDURE_WIRE: WireOf<ProcedureContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(PROCEDURE_STATUSES),
  statusReason: maybe(concept),
  category: maybe(concept),
  code: concept,
  performed: maybe(period),
  reasonCode: list(concept),
  bodySite: list(concept),
  outcome: maybe(concept),
  complication: list(concept),
};
