import { DomainError } from '../../core/errors.js';

/** Why a FHIR Consent does not become a leaf: what it asks for, which a leaf cannot express. */
export const FHIR_CONSENT_REASONS = {
  NOT_ACTIVE: 'Its status is not active.',
  SCOPE: 'It is about something else than privacy or research.',
  CATEGORY: 'Its category is another one than that records may be seen, or is not known.',
  PATIENT_MISSING: 'It names no patient.',
  PERFORMER: 'Someone agreed who is neither the patient nor a person who speaks for the patient.',
  MODIFIER: 'A modifier extension or implicit rules change what it means.',
  EXTENSION: 'An extension qualifies a rule.',
  RELEASE: 'It is a Consent of another release of FHIR than R4.',
  NO_RULE: 'A rule with conditions neither permits nor denies: senders mean either by that.',
  RESTRICTION_MISSING: 'It opts in with restrictions, and names none.',
  DISSENT: 'It permits nothing: no consent is no leaf.',
  DATE_MISSING: 'It says neither since when it holds nor when it was given.',
  POLICY_TEXT: 'The text that was signed is missing, or is not the one that it names.',
  POLICY_RULE: 'It names a computable policy that is no opt-in, no opt-out and none of the duties.',
  CUSTODIANS: 'It names several custodians; a leaf names one, or any.',
  ACTOR_MISSING: 'It names nobody who may use it.',
  ACTOR_UNKNOWN: 'It names someone who is no requester or institution of this network.',
  ACTOR_ROLE: 'It gives someone another role than that of a recipient.',
  PURPOSE_MISSING: 'It names no purpose.',
  PURPOSE_UNKNOWN: 'It names a purpose that is not in the vocabulary.',
  PURPOSE_REPEATED: 'It says two things of one purpose and recipient.',
  BREAK_GLASS: 'It depends on an emergency, which no proof can show.',
  CLASS_UNKNOWN: 'It names a kind of record that is not in the vocabulary.',
  CLASS_PARTIAL: 'It names some of the resources of a data class, which are let through together.',
  CODE: 'It names single codes.',
  ACTION: 'It tells apart what may be done with the records.',
  AUTHORED_BY: 'It depends on who wrote a record.',
  ENCOUNTER: 'It depends on the encounter that a record belongs to.',
  RELATED: 'It depends on what a record is related to.',
  SPECIFIC_RESOURCE: 'It names single records.',
  EXCEPT_TIMEFRAME: 'It leaves a time out; a leaf covers one span.',
  LABEL_UNKNOWN: 'It names a security label that is not in the vocabulary.',
  LABELLED_ONLY: 'It permits what is labelled and not what is ordinary.',
  NESTED_PERMIT: 'An inner permission differs in what is not told apart within a leaf.',
  NESTED_DENY: 'An inner exception joins several conditions, or one that a leaf does not have.',
  NESTED_TOO_DEEP: 'It has exceptions to exceptions.',
} as const;

export type FhirConsentReason = keyof typeof FHIR_CONSENT_REASONS;

/** @param place - a FHIRPath within the resource: never a value of it. */
export function unsupported(reason: FhirConsentReason, place: string): DomainError {
  return new DomainError('FHIR_CONSENT_UNSUPPORTED', { reason, place });
}
