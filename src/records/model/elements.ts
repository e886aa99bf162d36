/** Ends of descriptions that many elements of FHIR resources have in common. */

/** For a code, a status or a flag that FHIR lets a source leave out. */
export const NULL_UNSAID = 'Null if the source does not say.';

/** For a concept: what a source has only in words is never released. */
export const NULL_UNCODED = 'Null if the source has none, or only words.';

/** For a list of concepts. */
export const EMPTY_UNCODED = 'Empty if the source has none.';

/** For a civil date. */
export const DATE_NULL = 'Only the year without EXACT_DATE. Null if the source has no such date.';

/** For a period. */
export const PERIOD_NULL =
  'Whole years without EXACT_DATE. Null if it is unknown, or has no end yet.';

/** For the code of a record. */
export const NO_CODING = 'Without a coding if the source has only words or local codes.';

/** For a status that has NOT_DONE. */
export const NOT_DONE = 'NOT_DONE says that it did not happen; `statusReason` says why.';

/** For a medicine that a record may name by reference. */
export const MEDICATION =
  'The medicine. Without a coding if the source has only words or local codes, or refers to ' +
  'a Medication that was never imported.';
