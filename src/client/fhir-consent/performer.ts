import type { FhirConsent, FhirReference } from './form.js';
import { unsupported } from './reason.js';

/** Types of persons who can act for a patient. A parent can be a Patient of the same hospital. */
const PERSONS: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/**
 * Whether a person other than the patient agreed, as a proxy. R4's performer can also be the
 * recipient who must follow the rules, but a provider's attestation is not the patient's consent.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: PATIENT_MISSING; PERFORMER for someone who is not such a
 *   person, or not evidently one.
 * @source https://hl7.org/fhir/R4/consent-definitions.html#Consent.performer
 */
export function isGivenByProxy({ patient, performer = [] }: FhirConsent): boolean {
  const subject = patient && nameOf(patient);
  if (subject === undefined) throw unsupported('PATIENT_MISSING', 'Consent.patient');
  const others = performer.map((one, at) => {
    if (nameOf(one) === subject) return false;
    const isPerson = PERSONS.has(typeOf(one));
    if (!isPerson) throw unsupported('PERFORMER', `Consent.performer[${at}]`);
    return true;
  });
  return others.includes(true);
}

/** Undefined if it is named only in words. */
function nameOf({ reference, identifier }: FhirReference): string | undefined {
  if (reference !== undefined || identifier?.value === undefined) return reference;
  return `${identifier.system}|${identifier.value}`;
}

/** The type in a literal reference, relative or absolute; without one, that of Reference.type. */
function typeOf({ reference, type = '' }: FhirReference): string {
  if (reference === undefined) return type;
  const [resource = ''] = reference.split('/_history/');
  return resource.split('/').at(-2) ?? '';
}
