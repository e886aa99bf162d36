import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { parseConcept } from '../deidentify/concept.js';

/*
 * "No known allergies" is recorded as an active allergy whose code negates it. Without that code
 * the row would say the opposite: an allergy to something. So such a record is released with its
 * code or not at all.
 *
 * @source FHIR R4, allergyintolerance.html 9.1.3.3, "Allergies/Intolerances: no known allergies"; IPS,
 *   CodeSystem absent-unknown-uv-ips
 */

/** The element that says what the record is about, by type. */
const SAYS_WHAT: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'code',
  Condition: 'code',
  Procedure: 'code',
  Immunization: 'vaccineCode',
  MedicationRequest: 'medicationCodeableConcept',
  MedicationDispense: 'medicationCodeableConcept',
  MedicationAdministration: 'medicationCodeableConcept',
};
/**
 * Types that are never released without it: only "there is one" would be left, and a negation can
 * be worded in many ways.
 */
const NOTHING_WITHOUT: ReadonlySet<string> = new Set(['AllergyIntolerance']);

/**
 * SNOMED CT codes for no known allergy (of a kind) and no current problems, older releases
 * included.
 */
const NEGATIONS: ReadonlySet<string> = new Set(
  (
    '716186003 409137002 428607008 429625007 428197003 716184000 716185004 716220001 1003774007 ' +
    '160244002 160245001 787481004'
  )
    .split(' ')
    .map((code) => `http://snomed.info/sct|${code}`),
);
const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips';

/** "No known allergies", NKDA, no-allergy-info, "denies any", "none", in the languages of public data. */
const NEGATED =
  /\bno[\s_-]+(?:\w+[\s_-]+){0,3}(?:known|current|active|info\w*|allerg\w*|problem\w*|medication\w*|immuni[sz]ation\w*|procedure\w*)|\b(?:nka|nkda|nkfa|nkma|nil known|none|denies|unknown|not (?:known|asked|recorded)|keine?|aucune?|ningun[oa]?|nessun[oa]?|sin alergias|geen)\b/i;

/** The element whose negation would be lost; undefined if nothing would be. */
export function assertionAgainst(resource: Resource): string | undefined {
  const { resourceType: type } = resource;
  const name = Object.hasOwn(SAYS_WHAT, type) ? SAYS_WHAT[type] : undefined;
  if (name === undefined) return undefined;
  const concept = (resource as unknown as Readonly<Record<string, CodeableConcept | undefined>>)[
    name
  ];
  const told = parseConcept(concept).coding;
  if (told.length === 0) {
    return NOTHING_WITHOUT.has(type) || isNegated(concept) ? `${type}.${name}` : undefined;
  }
  const saysSo = told.some(
    ({ system, code }) => NEGATIONS.has(`${system}|${code}`) || system === ABSENT,
  );
  return !saysSo && isNegated(concept) ? `${type}.${name}` : undefined;
}

function isNegated(concept: CodeableConcept | undefined): boolean {
  const codings = concept?.coding ?? [];
  return (
    NEGATED.test(concept?.text ?? '') ||
    codings.some(
      ({ system, code = '', display = '' }) =>
        system === ABSENT ||
        NEGATIONS.has(`${system}|${code}`) ||
        NEGATED.test(display) ||
        NEGATED.test(code),
    )
  );
}
