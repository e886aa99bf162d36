/**
 * Every failure this product can name: one line per code, printed into schema/error-codes.md.
 * A code never changes its meaning; the sentence says what happened, not what to do.
 */
export const ERROR_CODES = {
  // The caller's input
  BAD_INPUT: 'The input does not have the shape that this operation takes.',
  INPUT_TOO_LARGE: 'The input is larger than this operation takes.',
  FIELD_OUT_OF_RANGE: 'An integer does not fit the BN254 scalar field.',
  PERIOD_EMPTY: 'A period ends before or when it begins.',
  TIME_OUT_OF_RANGE: 'A time lies outside 1900-01-01 to 2^40 seconds after it.',
  CODE_UNKNOWN: 'A code is not in the list that this field takes.',
  ID_MALFORMED: 'An identifier does not have the form that its kind has.',
  CONFIGURATION_INVALID: 'A setting is missing or does not have the form that it must have.',
  // Proofs and statements
  PROOF_MALFORMED: 'The proof does not have the exact shape of a Groth16 proof of this statement.',
  PROOF_INVALID: 'The proof does not verify for its public signals.',
  WITNESS_UNSATISFIED: 'The private inputs do not satisfy the statement.',
  ARTIFACT_MISMATCH: 'A circuit artifact does not have the hash that the manifest pins.',
  DEVELOPMENT_KEYS_REFUSED: 'Development proving keys are not accepted in production.',
  SIGNATURE_INVALID: 'The signature does not verify under the key given for this message.',
  PROVING_TIMEOUT: 'Proving took longer than its limit.',
  // A ceremony
  CEREMONY_EXISTS: 'This folder already holds a ceremony, or other files.',
  CEREMONY_TRANSCRIPT_INVALID: 'The transcript does not have its form, or not what the keys say.',
  CEREMONY_OUT_OF_ORDER: 'The ceremony is not at the step that this needs.',
  CEREMONY_NAME_TAKEN: 'A contribution of this name is in the transcript already.',
  CEREMONY_PTAU_MISMATCH: 'The powers-of-tau file does not have the hash that is pinned.',
  CEREMONY_PTAU_UNFIT: 'The powers-of-tau file is malformed, too small, or not prepared.',
  CEREMONY_CIRCUIT_MISMATCH: 'The constraints are not those that the ceremony is for.',
  CEREMONY_FILE_CHANGED: 'A key is missing, or not the file that the transcript names.',
  CEREMONY_KEY_INVALID: 'A key does not follow from circuit, powers of tau and contributions.',
  CEREMONY_HEAD_UNKNOWN: 'The transcript does not pass through the head that was expected.',
  // The gate
  ROOT_UNKNOWN: 'The root was never anchored on this ledger, or has ended.',
  ROOT_STALE: 'The root was superseded too long ago for this statement.',
  FEED_GAP: "An institution's revocation feed is behind what it anchored.",
  FEED_FORKED: 'An institution signed two histories of its revocation feed.',
  PROOF_FROM_FUTURE: 'The proof says it was made later than now.',
  PROOF_TOO_OLD: 'The proof was made too long ago.',
  EXPIRY_TOO_FAR: 'The presentation would outlive the longest time allowed.',
  CONSENT_EXPIRED: 'The grant ended before the moment of use.',
  REQUEST_MISMATCH: 'The public request is not the hash of the plaintext presented.',
  HOLDER_MISMATCH: 'The public holder is not the thumbprint of the key presented.',
  CONSENT_WITHDRAWN: 'The participant withdrew this consent.',
  STUDY_UNKNOWN: 'This node does not know the study.',
  INSTITUTION_UNKNOWN: 'No institution of this network has that id.',
  PURPOSE_MISSING: 'A request names exactly one purpose; this one names none.',
  DATA_CLASS_MISSING: 'A request names at least one data class; this one names none.',
  ROLE_UNKNOWN: 'A request names exactly one role; this one does not.',
  NOT_FOR_THIS_INSTITUTION: 'The presentation names another institution than this one.',
  // Tokens and requests
  TOKEN_MALFORMED: 'The bearer token is not a JWT of the form that requesters sign.',
  TOKEN_INVALID: "The token's signature, audience or lifetime does not hold.",
  GATEWAY_SIGNATURE_INVALID: "The request does not carry its gateway's signature over this body.",
  REPLAYED: 'This request was seen before.',
  OPERATOR_REFUSED: 'This node does not know the operator key, or its roles do not allow this.',
  RATE_LIMITED: 'Too many requests in this interval.',
  // Register
  SERIAL_NOT_NEWER: 'A consent of this pseudonym with this serial or a later one is registered.',
  SHARD_FULL: "The institution's shard of the register has no free leaf.",
  LINK_CODE_INVALID: 'The one-time link code is unknown, used or expired.',
  PSEUDONYM_TAKEN: 'Patient and pseudonym of this study are already linked otherwise.',
  PSEUDONYM_NOT_LINKED: 'No patient of this institution is linked with this pseudonym.',
  REGISTER_INCONSISTENT: 'A stored node of the shard is not the hash of the two below it.',
  SECRET_MALFORMED: 'The withdrawal secret is not a canonical field element.',
  ACKNOWLEDGEMENTS_MISSING: 'Too few institutions acknowledged the feed segment to anchor it.',
  // Ledger
  LEDGER_UNAVAILABLE: "The node's view of the ledger is too old to decide on.",
  LEDGER_MISMATCH: 'The ledger is not the chain and contract that this node is pinned to.',
  LEDGER_REGRESSED: 'The ledger shows an older state than this node has seen as final.',
  LEDGER_REFUSED: 'The contract refused the transaction.',
  // Imports
  FILE_UNREADABLE: 'The file cannot be read.',
  JSON_MALFORMED: 'The file is not JSON.',
  FHIR_INVALID: 'A resource does not conform to FHIR R4.',
  FHIR_REFERENCE_UNRESOLVED:
    'A resource refers to a subject that is neither in the input nor stored.',
  FHIR_RESOURCE_UNSUPPORTED: 'This resource type is not kept by this node.',
  TRIAL_INVALID: 'The study record does not have the shape of ClinicalTrials.gov.',
  EPCIS_INVALID: 'The document does not conform to EPCIS 2.0.',
  EPCIS_CONFLICT: 'An event with this eventID but another content is stored.',
  // Client kit
  SEALED_UNREADABLE: 'The sealed bytes do not open with this key.',
  PACKAGE_MALFORMED: 'The consent package does not have the form that wallets write.',
  PATH_INVALID: 'The register path does not lead from this leaf to the root it claims.',
  GATEWAY_MISMATCH: 'The gateway does not have the key that was expected of it.',
  LEAF_NOT_ANCHORED: 'The register, as last anchored, does not hold this leaf at its place.',
  // Running
  PORT_TAKEN: 'Another process listens on this port.',
  ALREADY_RUNNING: 'Another instance uses this state folder.',
  STATE_UNWRITABLE: 'The state folder cannot be written.',
  DATABASE_UNAVAILABLE: 'The database cannot be opened or reached.',
  SOURCE_FAILED: 'An institution did not answer as it should.',
  INTERNAL: 'A fault of this program; the request id finds it in the log.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
