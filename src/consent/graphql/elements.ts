/** Words of elements that several types of this room have in common. */

/** Of an institution that acts alone. */
export const ACTED = 'The institution that was asked, and acted.';

/** Of an argument `institution` of a mutation that one institution carries out. */
export const ACTS = 'The id of the institution that is to act.';

/** Of a signed answer. */
export const WORD = "The institution's word on it, to be checked by the wallet.";

export const LEAF = "The consent's leaf: the Poseidon hash of all its elements.";
export const LEAF_INDEX = "The leaf's place in that institution's shard, from 0 to 1,048,575.";
export const SUBTREE_KEY =
  "What opens the leaf's paths; the same for all 1,024 leaves around it. Keep it with the consent.";

export const STUDY = 'The id of the study.';
export const REQUESTER =
  "Who may use it: the requester's name in leaves, a hash of a secret that the requester keeps.";
export const PURPOSES = 'What the data may be used for. At least one.';
export const DATA_CLASSES = 'Which families of records it opens. At least one.';
export const LABELS = 'Which sensitive records it opens.';
export const DUTIES = 'What the requester has to acknowledge.';
export const VALIDITY = 'When it may be used.';
export const DATA_WINDOW =
  'Which dates the records may have. A record with any date outside stays closed. A window that ' +
  'reaches 9999-12-31 has no end, and one from 1900-01-01 no beginning: only what has neither opens ' +
  'records without a date.';
export const POLICY = 'The hash of the text that was signed.';
export const SERIAL =
  'When it was signed, by which device, and a count, in one number below 2^63. Of two consents of ' +
  'one participant and study the higher is newer.';
export const HANDLE = 'The hash of the withdrawal secret, by which a withdrawal names the consent.';

/** Of a time that a wallet signs. */
export const SIGNED_AT =
  'When it was signed: at most 10 minutes ago, and at most 60 seconds ahead.';
export const STUDY_KEY = 'The study key that signs.';
