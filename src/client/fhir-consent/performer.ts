import type { FhirConsent, FhirReference } from './form.js';
import { unsupported } from './reason.js';

/** Types of those who can speak for a patient: a parent can be a patient of the same hospital. */
const PERSONS: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/**
 * Whether another person than the patient agreed, who is a proxy then. R4's performer can also be the
 * one who receives the records and keeps the rules: what a provider attests is no consent of the
 * patient.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: PATIENT_MISSING; PERFORMER for someone who is no such person, or
 * of whom it does not say so.
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

/** Undefined for one that is named by words alone. */
function nameOf({ reference, identifier }: FhirReference): string | undefined {
  if (reference !== undefined || identifier?.value === undefined) return reference;
  return `${identifier.system}|${identifier.value}`;
}

/** The type by a literal reference, relative or absolute; by its own element where there is none. */
function typeOf({ reference, type = '' }: FhirReference): string {
  if (reference === undefined) return type;
  const [resource = ''] = reference.split('/_history/');
  return resource.split('/').at(-2) ?? '';
}
