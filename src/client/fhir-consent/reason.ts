import { DomainError } from '../../core/errors.js';

/** Why a FHIR Consent cannot become a leaf: what it contains that a leaf cannot express. */
export const FHIR_CONSENT_REASONS = {
  NOT_ACTIVE: 'Its status is not active.',
  SCOPE: 'It is about something other than privacy or research.',
  CATEGORY: 'Its category does not only say that records may be seen, or is unknown.',
  PATIENT_MISSING: 'It names no patient.',
  PERFORMER: 'Someone agreed who is neither the patient nor a person acting for the patient.',
  MODIFIER: 'A modifier extension or implicit rules change its meaning.',
  EXTENSION: 'An extension qualifies a rule.',
  RELEASE: 'It is a Consent of a FHIR release other than R4.',
  NO_RULE:
    'A rule with conditions does not say whether it permits or denies, and senders mean either.',
  RESTRICTION_MISSING: 'It opts in with restrictions but names none.',
  DISSENT: 'It permits nothing, so there is no consent to register.',
  DATE_MISSING: 'It says neither when it begins nor when it was given.',
  POLICY_TEXT: 'The signed text is missing, or is not the one that it names.',
  POLICY_RULE:
    'It names a computable policy that is not an opt-in, an opt-out or one of the duties.',
  CUSTODIANS: 'It names several custodians; a leaf names one or allows any.',
  ACTOR_MISSING: 'It does not name anybody who may use it.',
  ACTOR_UNKNOWN: 'It names someone who is not a requester or institution of this network.',
  ACTOR_ROLE: 'It gives someone a role other than recipient.',
  PURPOSE_MISSING: 'It names no purpose.',
  PURPOSE_UNKNOWN: 'It names a purpose that is not in the vocabulary.',
  PURPOSE_REPEATED: 'It has two rules for the same purpose and recipient.',
  BREAK_GLASS: 'It depends on an emergency, which no proof can show.',
  CLASS_UNKNOWN: 'It names a kind of record that is not in the vocabulary.',
  CLASS_PARTIAL:
    'It names some of the resources of a data class, which can only be released together.',
  CODE: 'It names individual codes.',
  ACTION: 'It distinguishes what may be done with the records.',
  AUTHORED_BY: 'It depends on who wrote a record.',
  ENCOUNTER: 'It depends on the encounter that a record belongs to.',
  RELATED: 'It depends on what a record is related to.',
  SPECIFIC_RESOURCE: 'It names individual records.',
  EXCEPT_TIMEFRAME: 'It excludes a time; a leaf covers one continuous period.',
  LABEL_UNKNOWN: 'It names a security label that is not in the vocabulary.',
  LABELLED_ONLY: 'It permits labelled records but not ordinary ones.',
  NESTED_PERMIT: 'An inner permission differs in something that one leaf cannot distinguish.',
  NESTED_DENY:
    'An inner exception combines several conditions, or has one that a leaf cannot express.',
  NESTED_TOO_DEEP: 'It has exceptions to exceptions.',
} as const;

export type FhirConsentReason = keyof typeof FHIR_CONSENT_REASONS;

/** @param place - a FHIRPath within the resource: never a value of it. */
export function unsupported(reason: FhirConsentReason, place: string): DomainError {
  return new DomainError('FHIR_CONSENT_UNSUPPORTED', { reason, place });
}
