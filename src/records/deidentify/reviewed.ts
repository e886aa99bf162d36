import { ORDINARY_SYSTEMS } from '../codes/ordinary-systems.js';
import { SENSITIVE_HL7_CODES } from '../sensitive/hl7-codes.js';
import { SENSITIVE_PREFIXES } from '../sensitive/sensitive-prefixes.js';

/** Systems of sensitive-codes.ts and sensitive/ingredients.ts, whose codes are listed one by one. */
export const LISTED_BY_CODE = [
  'http://snomed.info/sct',
  'http://loinc.org',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
  'http://fdasis.nlm.nih.gov',
];

/**
 * Only GTINs are released without a rule: a GTIN says nothing by itself, and the supply chain needs
 * it to find a product. The codes and words next to it label the record.
 */
const BY_WORDS_ALONE = 'https://www.gs1.org/gtin';

let reviewed: ReadonlySet<string> | undefined;

/**
 * Whether somebody has reviewed what the codes of a system are about: it has a label rule, or is in
 * the list of systems without sensitive codes.
 */
export function isReviewed(system: string): boolean {
  reviewed ??= new Set([
    ...LISTED_BY_CODE,
    BY_WORDS_ALONE,
    ...systemsWithRules(),
    ...ordinarySystems(),
  ]);
  return reviewed.has(system);
}

/** The systems whose codes are labelled by prefix or listed from HL7's registry. */
export function systemsWithRules(): readonly string[] {
  const hl7 = Object.values(SENSITIVE_HL7_CODES).flatMap((codes) => Object.keys(codes));
  return [...new Set([...SENSITIVE_PREFIXES.flatMap(({ systems }) => systems), ...hl7])];
}

/** The systems in which no code is sensitive. */
export function ordinarySystems(): readonly string[] {
  return ORDINARY_SYSTEMS.trim()
    .split(/\s+/)
    .map((system) => system.replace(/^~/, 'http://terminology.hl7.org/CodeSystem/'));
}
