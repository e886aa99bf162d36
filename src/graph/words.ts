import { MAX_PAGE } from './page.js';

/** Words of the API that stand in many places, so that they say the same in each. */

/** Of the root types, which every subgraph has a part of. */
export const QUERY = 'What can be asked. Nothing here changes anything.';
export const MUTATION =
  'What can be done. Each field is carried out by one institution or several.';

/** Of a field that fails as a whole where it cannot be answered. */
export const NULL_BESIDE_ERROR = 'Null only with an error in `errors`.';

/** Entities that several subgraphs speak of, and their keys. */
export const INSTITUTION = 'A member of the network, as the ledger lists it.';
export const INSTITUTION_ID =
  'The id under which the ledger lists it: 3 to 40 lower-case letters, digits and hyphens.';
export const STUDY = 'A study; a trial is one, under its registry id.';
export const STUDY_ID = "The study's id as its registry gives it, for example an NCT number.";
export const TRIAL =
  "A registered trial's public protocol. A trial is a study, under the same registry id.";
export const PARTICIPANT =
  'One person within one study, under a pseudonym that no other study has.';
export const PSEUDONYM = "The participant's name within this study: a canonical decimal, opaque.";

/** Lot and its key, which records and supply both speak of. */
export const LOT = 'A lot of a trade item: public product information, and no serial.';
export const GTIN = "GS1's number of the trade item (GTIN): 14 digits.";
export const LOT_NUMBER = "The maker's number of the lot: 1 to 20 characters.";

/** Of an argument `after`. */
export const AFTER =
  'The `endCursor` of the page before. Absent: from the beginning. A cursor that this field did ' +
  'not give is BAD_INPUT.';

/** Of an argument `first`. @param usual - rows in a page where it is absent. */
export function firstWords(usual: number): string {
  const most = MAX_PAGE.toLocaleString('en-US');
  return (
    `Rows in the page, 1 to ${most}. Absent or null: ${usual}. Any other number is BAD_INPUT. ` +
    'Where pages nest, the numbers multiply; a request for more than 200,000 rows is INPUT_TOO_LARGE.'
  );
}

/** Values of an enum, each with what it means. */
export function describedValues<Name extends string>(
  words: Readonly<Record<Name, string>>,
): Record<Name, { readonly description: string }> {
  const described = Object.entries<string>(words).map(([name, description]) => [
    name,
    { description },
  ]);
  return Object.fromEntries(described) as Record<Name, { readonly description: string }>;
}
