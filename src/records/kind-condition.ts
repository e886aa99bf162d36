import type { CodeableConcept, Dated } from './model.js';
import { civilDate, concept, list, listed, maybe, partial, type WireOf } from './wire-element.js';

export const CLINICAL_STATUSES = [
  'ACTIVE',
  'RECURRENCE',
  'RELAPSE',
  'INACTIVE',
  'REMISSION',
  'RESOLVED',
] as const;
export const VERIFICATION_STATUSES = [
  'UNCONFIRMED',
  'PROVISIONAL',
  'DIFFERENTIAL',
  'CONFIRMED',
  'REFUTED',
] as const;

/** What a Condition says, before it has an outward id. */
export interface ConditionContent extends Dated {
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly clinicalStatus: (typeof CLINICAL_STATUSES)[number] | null;
  readonly verificationStatus: (typeof VERIFICATION_STATUSES)[number] | null;
  /** Civil dates. */
  readonly onset: string | null;
  readonly abatement: string | null;
}

export const CONDITION_WIRE: WireOf<ConditionContent> = {
  recorded: maybe(civilDate),
  partial,
  category: list(concept),
  code: concept,
  clinicalStatus: maybe(listed(CLINICAL_STATUSES)),
  verificationStatus: maybe(listed(VERIFICATION_STATUSES)),
  onset: maybe(civilDate),
  abatement: maybe(civilDate),
};
