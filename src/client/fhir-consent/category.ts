import { ACT_CODE } from './code.js';
import type { FhirConcept } from './form.js';
import { unsupported } from './reason.js';

const LOINC = 'http://loinc.org';
const CONSENT_CATEGORY = 'http://terminology.hl7.org/CodeSystem/consentcategorycodes';

/**
 * Categories that only say that records may be seen, or be seen for research. All others are about
 * something else (an operation, billing), or are a limit that a leaf cannot express (only
 * de-identified records, no copies).
 *
 * @source https://hl7.org/fhir/R4/valueset-consent-category.html; LOINC 59284-0 consent document,
 * 57016-8 privacy policy acknowledgment, 57017-6 privacy policy of an organisation, 64292-6 release
 * of information consent
 */
const TO_SEE: Readonly<Record<string, ReadonlySet<string>>> = {
  [LOINC]: new Set(['59284-0', '57016-8', '57017-6', '64292-6']),
  [ACT_CODE]: new Set(['IDSCL', 'INFA', 'RESEARCH']),
  [CONSENT_CATEGORY]: new Set(['research']),
};

/** Categories of directives for care, which a leaf cannot express. */
const OF_CARE: ReadonlySet<string> = new Set(['acd', 'dnr', 'hcd', 'polst']);

/**
 * Requires that a leaf can express each category. The codings of one category are translations of
 * each other, so one that is known is enough.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: CATEGORY
 */
export function requireCategories(categories: readonly FhirConcept[]): void {
  categories.forEach(({ coding = [] }, at) => {
    const isKnown = coding.some(
      ({ system = '', code = '' }) => Object.hasOwn(TO_SEE, system) && TO_SEE[system]?.has(code),
    );
    if (!isKnown) throw unsupported('CATEGORY', `Consent.category[${at}]`);
  });
}

/** Whether a category is a directive for care, such as "do not resuscitate". */
export function isForCare({ coding = [] }: FhirConcept): boolean {
  return coding.some(({ system, code = '' }) => system === CONSENT_CATEGORY && OF_CARE.has(code));
}

/** Whether a category says that the consent is only for emergencies. */
export function isForEmergencies({ coding = [] }: FhirConcept): boolean {
  return coding.some(
    ({ system, code }) =>
      (system === ACT_CODE && code === 'EMRGONLY') ||
      (system === CONSENT_CATEGORY && code === 'emrgonly'),
  );
}
