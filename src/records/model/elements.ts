/** Ends of descriptions that many elements of FHIR resources have in common. */

/** Of a code, a status or a flag that FHIR lets a source leave out. */
export const NULL_UNSAID = 'Null if the source does not say.';

/** Of a concept: what a source only has words for stays at its custodian. */
export const NULL_UNCODED = 'Null if the source has none, or has it in words alone.';

/** Of a list of concepts. */
export const EMPTY_UNCODED = 'Empty if the source has none.';

/** Of a civil date. */
export const DATE_NULL = 'Its year alone without EXACT_DATE. Null if the source has no such date.';

/** Of a period. */
export const PERIOD_NULL =
  'Whole years without EXACT_DATE. Null if it is unknown, or has no end yet.';

/** Of what a record is about. */
export const NO_CODING = 'Without a coding where the source has words or local codes alone.';

/** Of a status that has NOT_DONE. */
export const NOT_DONE = 'NOT_DONE says that it did not happen; `statusReason` says why.';

/** Of a medicine that a record may name by reference. */
export const MEDICATION =
  'The medicine. Without a coding where the source has words or local codes alone, or refers to a ' +
  'Medication that never arrived.';
