import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import type { DataClass, Duty, Purpose, Sensitivity } from '../../zk/vocabulary.js';
import type { FhirReference } from './form.js';
import { unsupported } from './reason.js';

/** How this network's own names stand in a FHIR identifier. */
export const REQUESTER_SYSTEM = 'urn:assent:requester';
export const INSTITUTION_SYSTEM = 'urn:assent:institution';
export const PSEUDONYM_SYSTEM = 'urn:assent:pseudonym';
export const STUDY_SYSTEM = 'urn:assent:study';
export const HANDLE_SYSTEM = 'urn:assent:handle';
export const POLICY_URN = 'urn:assent:policy:';

/** Who is meant by a reference: one who may use records, or one who keeps them. */
export type FhirParty = { readonly requester: bigint } | { readonly institution: InstitutionId };

/**
 * What a FHIR Consent leaves to the policy that it refers to, and to the directory of those it names.
 * It is told by whoever knows both; what comes of it is shown to the participant before signing.
 */
export interface FhirConsentTerms {
  /** By reference, for example 'Organization/7'. */
  readonly parties: ReadonlyMap<string, FhirParty>;
  /** Requesters who are meant where nobody is named: one leaf each. */
  readonly community: readonly bigint[];
  /** What it may be used for where no purpose is named; undefined: then it is refused. */
  readonly purposes?: readonly Purpose[];
  /** What is covered where no class is named. */
  readonly dataClasses: readonly DataClass[];
  /** What is granted where no security label is named. */
  readonly labels: readonly Sensitivity[];
  /** What a requester has to keep to where no rule is named. */
  readonly duties: readonly Duty[];
  /** The full text signed, where it is not attached. */
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
