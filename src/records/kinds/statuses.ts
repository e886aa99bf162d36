/*
 * What the statuses of each kind of record mean: FHIR R4's value sets with abbreviated definitions.
 * `entered-in-error` is left out, because such a record is never released.
 */

const UNKNOWN = 'The source does not know which of the others applies.';

export const ENCOUNTER_STATUS = {
  PLANNED: 'It has not begun.',
  ARRIVED: 'The patient is there and has not been seen.',
  TRIAGED: 'The patient was assessed for urgency, and the visit has not begun.',
  IN_PROGRESS: 'It has begun; the patient is there.',
  ONLEAVE: 'It has begun, and the patient is away for a time.',
  FINISHED: 'It is over.',
  CANCELLED: 'It ended before it began.',
  UNKNOWN,
};

export const OBSERVATION_STATUS = {
  REGISTERED: 'It is registered, and there is no result yet.',
  PRELIMINARY: 'A first result, which may be incomplete or not yet verified.',
  FINAL: 'The result is complete.',
  AMENDED: 'It was changed after it was final.',
  CORRECTED: 'It was changed after it was final, because it was wrong.',
  CANCELLED: 'It was not made, or not completed.',
  UNKNOWN,
};

export const REPORT_STATUS = {
  REGISTERED: 'It is registered, and there is nothing in it yet.',
  PARTIAL: 'Part of it is there and may not be verified.',
  PRELIMINARY: 'Its first results are verified, and not all are there.',
  FINAL: 'It is complete and verified.',
  AMENDED: 'It was changed after it was final.',
  CORRECTED: 'It was changed after it was final, because it was wrong.',
  APPENDED: 'Something was added after it was final; nothing in it was changed.',
  CANCELLED: 'It was not made, or not completed.',
  UNKNOWN,
};

const PREPARATION = 'It is being prepared and has not begun.';
const IN_PROGRESS = 'It has begun and is not over.';
const ON_HOLD = 'It is paused and expected to go on.';
const COMPLETED = 'It is done.';
const STOPPED = 'It was ended before it was complete.';
const NOT_DONE = 'It did not happen.';

export const DISPENSE_STATUS = {
  PREPARATION,
  IN_PROGRESS: 'It is ready and has not been handed over.',
  CANCELLED: 'It was never handed over.',
  ON_HOLD,
  COMPLETED: 'It was handed over.',
  STOPPED,
  DECLINED: 'It was declined and did not happen.',
  UNKNOWN,
};

export const PROCEDURE_STATUS = {
  PREPARATION,
  IN_PROGRESS,
  NOT_DONE,
  ON_HOLD,
  STOPPED,
  COMPLETED,
  UNKNOWN,
};

export const IMMUNIZATION_STATUS = {
  COMPLETED: 'The vaccine was given.',
  NOT_DONE: 'The vaccine was not given.',
};

export const ADMINISTRATION_STATUS = {
  IN_PROGRESS,
  NOT_DONE: 'The medicine was not given.',
  ON_HOLD,
  COMPLETED: 'All of it was given.',
  STOPPED,
  UNKNOWN,
};

export const REQUEST_STATUS = {
  ACTIVE: 'It can be acted on.',
  ON_HOLD,
  CANCELLED: 'It was withdrawn before anything was given.',
  COMPLETED: 'All that it asks for was done.',
  STOPPED: 'It was withdrawn after something was given.',
  DRAFT: 'It is being written and cannot be acted on.',
  UNKNOWN,
};

export const REQUEST_INTENT = {
  PROPOSAL: 'A suggestion, by someone who need not be entitled to order it.',
  PLAN: 'An intention, without an order to act on it.',
  ORDER: 'An order to act on.',
  ORIGINAL_ORDER: 'The order that others were made from.',
  REFLEX_ORDER: 'An order that follows from another by a rule.',
  FILLER_ORDER: 'The order as understood by the person who carries it out.',
  INSTANCE_ORDER: 'One occasion of an order that is for several.',
  OPTION: 'One of several possibilities; not to be acted on alone.',
};
