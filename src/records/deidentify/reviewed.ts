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
 * GTINs alone leave without a rule: the supply chain finds a pack by its maker's number, which says
 * nothing by itself. The codes and words beside it label it.
 */
const BY_WORDS_ALONE = 'https://www.gs1.org/gtin';

let reviewed: ReadonlySet<string> | undefined;

/**
 * Whether somebody has looked at what the codes of a system are about: it has a label rule, or
 * stands in the list of those in which nothing is sensitive.
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

/** The systems whose codes label by their beginning, or are listed from HL7's registry. */
export function systemsWithRules(): readonly string[] {
  const hl7 = Object.values(SENSITIVE_HL7_CODES).flatMap((codes) => Object.keys(codes));
  return [...new Set([...SENSITIVE_PREFIXES.flatMap(({ systems }) => systems), ...hl7])];
}

/** The systems in which nothing is sensitive. */
export function ordinarySystems(): readonly string[] {
  return ORDINARY_SYSTEMS.trim()
    .split(/\s+/)
    .map((system) => system.replace(/^~/, 'http://terminology.hl7.org/CodeSystem/'));
}
