import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.js';
import { type DomainError, isRefusal } from '../../core/errors.js';

/**
 * The codes that an answer can refuse one of the things sent with. Every other failure is an error
 * of the whole field: nothing was judged then. A test classes each code that consents can throw.
 */
const NAMES = [
  // The input
  'BAD_INPUT',
  'INPUT_TOO_LARGE',
  'FIELD_OUT_OF_RANGE',
  'PERIOD_EMPTY',
  'TIME_OUT_OF_RANGE',
  'ID_MALFORMED',
  'NOT_FOR_THIS_INSTITUTION',
  'STUDY_UNKNOWN',
  'PURPOSE_MISSING',
  'DATA_CLASS_MISSING',
  'ROLE_UNKNOWN',
  // A proof
  'PROOF_MALFORMED',
  'PROOF_INVALID',
  'PROOF_FROM_FUTURE',
  'PROOF_TOO_OLD',
  'ROOT_UNKNOWN',
  'ROOT_STALE',
  'PURPOSE_MISMATCH',
  'REQUEST_MISMATCH',
  'HOLDER_MISMATCH',
  'EXPIRY_TOO_FAR',
  'CONSENT_EXPIRED',
  'CONSENT_WITHDRAWN',
  // What a study key signed
  'SIGNATURE_INVALID',
  'SIGNATURE_TOO_OLD',
  'SIGNATURE_FROM_FUTURE',
  'SERIAL_NOT_NEWER',
  'SERIAL_FROM_FUTURE',
  'LINK_CODE_INVALID',
  'LINK_NOT_CONFIRMED',
  'PSEUDONYM_TAKEN',
  'PSEUDONYM_NOT_LINKED',
  'PROXY_ENDED',
  'PAST_MAJORITY',
  'BACKUP_NOT_NEWER',
  'SHARD_FULL',
  // A withdrawal
  'SECRET_MALFORMED',
  'PATH_INVALID',
  'PUZZLE_MISSING',
  'PUZZLE_INVALID',
  'PUZZLE_TOO_EASY',
  // What the institution cannot judge now
  'RATE_LIMITED',
  'VERIFYING_TIMEOUT',
  'VERIFIER_FAILED',
  'FEED_GAP',
  'FEED_FORKED',
  'LEDGER_UNAVAILABLE',
  'LEDGER_MISMATCH',
  'LEDGER_REGRESSED',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];

export type RefusalCode = (typeof NAMES)[number];

/** Each code, and what happened. */
export const REFUSAL_CODES = Object.fromEntries(
  NAMES.map((name) => [name, ERROR_CODES[name]]),
) as Readonly<Record<RefusalCode, string>>;

/** A failure that is told as a refusal. */
export type RefusalError = DomainError & { readonly code: RefusalCode };

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSAL_CODES, code);
}

/** Whether a failure is an answer to what was sent, so that its sender is told it as a refusal. */
export function canRefuse(thrown: unknown): thrown is RefusalError {
  return isRefusal(thrown) && isRefusalCode(thrown.code);
}
