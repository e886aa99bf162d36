import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { parseConcept } from '../deidentify/concept.js';

/*
 * "No known allergies" is written as an allergy, active, with a code that takes back what the type of
 * the resource says. Where that code does not leave, the row would say the contrary: an allergy to
 * something. So such a record is told with its code or not at all.
 *
 * @source FHIR R4, allergyintolerance.html 9.1.3.3, "Allergies/Intolerances: no known allergies"; IPS,
 *   CodeSystem absent-unknown-uv-ips
 */

/** The element that says what is there, by type. */
const SAYS_WHAT: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'code',
  Condition: 'code',
  Procedure: 'code',
  Immunization: 'vaccineCode',
  MedicationRequest: 'medicationCodeableConcept',
  MedicationDispense: 'medicationCodeableConcept',
  MedicationAdministration: 'medicationCodeableConcept',
};
/** Of which nothing is left without it but that there is one, and a negation has many words. */
const NOTHING_WITHOUT: ReadonlySet<string> = new Set(['AllergyIntolerance']);

/** SNOMED CT: no known allergy (of a kind), no current problems, and what older releases had for them. */
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

/** The element whose negation would be lost; undefined if the record says what it means. */
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
