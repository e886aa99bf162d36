import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import type { DataClass, Duty, Purpose, Sensitivity } from '../../zk/vocabulary.js';
import type { FhirReference } from './form.js';
import { unsupported } from './reason.js';

/** Systems of this network's own names in FHIR identifiers. */
export const REQUESTER_SYSTEM = 'urn:assent:requester';
export const INSTITUTION_SYSTEM = 'urn:assent:institution';
export const PSEUDONYM_SYSTEM = 'urn:assent:pseudonym';
export const STUDY_SYSTEM = 'urn:assent:study';
export const HANDLE_SYSTEM = 'urn:assent:handle';
export const POLICY_URN = 'urn:assent:policy:';

/** Who is meant by a reference: a requester, or an institution that keeps records. */
export type FhirParty = { readonly requester: bigint } | { readonly institution: InstitutionId };

/**
 * What a FHIR Consent leaves to its policy and to a directory of the parties. The caller must know
 * both; the result is shown to the participant before signing.
 */
export interface FhirConsentTerms {
  /** By reference, for example 'Organization/7'. */
  readonly parties: ReadonlyMap<string, FhirParty>;
  /** Requesters meant if nobody is named; each gets a leaf. */
  readonly community: readonly bigint[];
  /** Purposes if none is named; undefined: such a Consent is refused. */
  readonly purposes?: readonly Purpose[];
  /** Data classes if none is named. */
  readonly dataClasses: readonly DataClass[];
  /** Labels granted if no security label is named. */
  readonly labels: readonly Sensitivity[];
  /** The requester's duties if no policy rule is named. */
  readonly duties: readonly Duty[];
  /** The full signed text, if it is not attached. */
  readonly policyText?: string;
}

/** @throws FHIR_CONSENT_UNSUPPORTED: ACTOR_UNKNOWN; FIELD_OUT_OF_RANGE */
export function requesterMeant(
  reference: FhirReference,
  terms: FhirConsentTerms,
  place: string,
): bigint {
  const own = ownIdentifier(reference, REQUESTER_SYSTEM);
  if (own !== undefined) return parseCanonicalDecimal(own);
  const party = terms.parties.get(reference.reference ?? '');
  if (party === undefined || !('requester' in party)) throw unsupported('ACTOR_UNKNOWN', place);
  return party.requester;
}

/** @throws FHIR_CONSENT_UNSUPPORTED: ACTOR_UNKNOWN; ID_MALFORMED */
export function institutionMeant(
  reference: FhirReference,
  terms: FhirConsentTerms,
  place: string,
): InstitutionId {
  const own = ownIdentifier(reference, INSTITUTION_SYSTEM);
  if (own !== undefined) return toInstitutionId(own);
  const party = terms.parties.get(reference.reference ?? '');
  if (party === undefined || !('institution' in party)) throw unsupported('ACTOR_UNKNOWN', place);
  return party.institution;
}

function ownIdentifier({ identifier }: FhirReference, system: string): string | undefined {
  return identifier?.system === system ? identifier.value : undefined;
}
