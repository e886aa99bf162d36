import type { CodeableConcept, Dated } from './model.js';
import {
  civilDate,
  concept,
  elementOf,
  list,
  listed,
  maybe,
  partial,
  type WireOf,
} from './wire-element.js';

export const ALLERGY_CLINICAL_STATUSES = ['ACTIVE', 'INACTIVE', 'RESOLVED'] as const;
export const ALLERGY_VERIFICATION_STATUSES = ['UNCONFIRMED', 'CONFIRMED', 'REFUTED'] as const;
export const ALLERGY_TYPES = ['ALLERGY', 'INTOLERANCE'] as const;
export const ALLERGY_CATEGORIES = ['FOOD', 'MEDICATION', 'ENVIRONMENT', 'BIOLOGIC'] as const;
export const CRITICALITIES = ['LOW', 'HIGH', 'UNABLE_TO_ASSESS'] as const;
export const REACTION_SEVERITIES = ['MILD', 'MODERATE', 'SEVERE'] as const;

export interface AllergyReaction {
  readonly substance: CodeableConcept | null;
  readonly manifestation: readonly CodeableConcept[];
  readonly severity: (typeof REACTION_SEVERITIES)[number] | null;
  readonly exposureRoute: CodeableConcept | null;
}

/** What an AllergyIntolerance says. */
export interface AllergyContent extends Dated {
  readonly clinicalStatus: (typeof ALLERGY_CLINICAL_STATUSES)[number] | null;
  readonly verificationStatus: (typeof ALLERGY_VERIFICATION_STATUSES)[number] | null;
  readonly type: (typeof ALLERGY_TYPES)[number] | null;
  readonly category: readonly (typeof ALLERGY_CATEGORIES)[number][];
  readonly criticality: (typeof CRITICALITIES)[number] | null;
  readonly code: CodeableConcept;
  /** Civil dates. */
  readonly onset: string | null;
  readonly lastOccurrence: string | null;
  readonly reaction: readonly AllergyReaction[];
}

export const ALLERGY_WIRE: WireOf<AllergyContent> = {
  recorded: maybe(civilDate),
  partial,
  clinicalStatus: maybe(listed(ALLERGY_CLINICAL_STATUSES)),
  verificationStatus: maybe(listed(ALLERGY_VERIFICATION_STATUSES)),
  type: maybe(listed(ALLERGY_TYPES)),
  category: list(listed(ALLERGY_CATEGORIES)),
  criticality: maybe(listed(CRITICALITIES)),
  code: concept,
  onset: maybe(civilDate),
  lastOccurrence: maybe(civilDate),
  reaction: list(
    elementOf<AllergyReaction>({
      substance: maybe(concept),
      manifestation: list(concept),
      severity: maybe(listed(REACTION_SEVERITIES)),
      exposureRoute: maybe(concept),
    }),
  ),
};
