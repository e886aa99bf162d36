import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** Whether the caller can do something: never, after a new proof, or by trying again later. */
export type Retry = 'NEVER' | 'REPROVE' | 'LATER';

const REPROVE: ReadonlySet<ErrorCode> = new Set([
  'ROOT_STALE',
  'ROOT_UNKNOWN',
  'PROOF_TOO_OLD',
  'EXPIRY_TOO_FAR',
]);
const LATER: ReadonlySet<ErrorCode> = new Set([
  'FEED_GAP',
  'FEED_FORKED',
  'PROOF_FROM_FUTURE',
  'SIGNATURE_FROM_FUTURE',
  'SERIAL_FROM_FUTURE',
  'BACKUP_INCOMPLETE',
  'LEDGER_UNAVAILABLE',
  'LEDGER_MISMATCH',
  'LEDGER_REGRESSED',
  'ACCOUNT_UNFUNDED',
  'FEE_ABOVE_LIMIT',
  'TRANSACTION_STUCK',
  'TRANSACTION_REPLACED',
  'DATABASE_UNAVAILABLE',
  'DATABASE_BUSY',
  'DATABASE_FAILED',
  'CLOCK_APART',
  'STOPPING',
  'LEASE_LOST',
  'SOURCE_FAILED',
  'SOURCE_UNAVAILABLE',
  'DPOP_NONCE_REQUIRED',
  'GATEWAY_NONCE_REQUIRED',
  'RATE_LIMITED',
  'REQUEST_TIMEOUT',
  'OVERLOADED',
  'PUZZLE_MISSING',
  'PUZZLE_INVALID',
  'PUZZLE_TOO_EASY',
  'LINK_NOT_CONFIRMED',
  'ACKNOWLEDGEMENTS_MISSING',
  'PROVING_TIMEOUT',
  'VERIFYING_TIMEOUT',
  'VERIFIER_FAILED',
  'INTERNAL',
]);

/** Faults of this program. Outside they are told as INTERNAL; the log has the code and the facts. */
const OURS: ReadonlySet<ErrorCode> = new Set(['DATABASE_FAILED', 'INTERNAL']);

/** Refusals of one second that say where they were thrown. */
const TRACES_A_SECOND = 100;
let traced = { second: 0, count: 0 };

/**
 * Whether a refusal takes a trace. An answer may have thousands, one a row: a trace costs more than the row,
 * and after so many of them one more tells nothing new.
 */
function takesTrace(): boolean {
  const second = Math.floor(performance.now() / 1_000);
  if (second !== traced.second) traced = { second, count: 0 };
  traced.count += 1;
  return traced.count <= TRACES_A_SECOND;
}

/** What names the place and the measure of a failure: identifiers and numbers, never clinical text. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean>>;

/** A failure with a stable code, and the facts that produced it. Safe to show to the caller. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts = {}, cause?: unknown) {
    const sentence = sentenceOf(code, facts);
    const frames = Error.stackTraceLimit;
    if (!OURS.has(code) && !takesTrace()) Error.stackTraceLimit = 0;
    super(sentence, cause === undefined ? undefined : { cause });
    Error.stackTraceLimit = frames;
    this.code = code;
    this.facts = facts;
  }

  /** What the caller can do about it. */
  get retry(): Retry {
    if (REPROVE.has(this.code)) return 'REPROVE';
    return LATER.has(this.code) ? 'LATER' : 'NEVER';
  }
}

function sentenceOf(code: ErrorCode, facts: ErrorFacts): string {
  const named = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
  return named.length === 0 ? ERROR_CODES[code] : `${ERROR_CODES[code]} (${named.join(', ')})`;
}

/** Throws if our own code broke a promise it made: a fault of ours, never of the caller's input. */
export function invariant(holds: unknown, promise: string): asserts holds {
  if (!holds) throw new Error(`Invariant broken: ${promise}`);
}

/** The code of any thrown value: its own if it is a DomainError, INTERNAL otherwise. */
export function codeOf(thrown: unknown): ErrorCode {
  return thrown instanceof DomainError ? thrown.code : 'INTERNAL';
}

/** What is away or busy: nothing is wrong with what somebody sent. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'DATABASE_UNAVAILABLE',
  'DATABASE_BUSY',
  'LEASE_LOST',
]);

/** Whether only an operator may read more of it than INTERNAL. */
export function isOurFault(thrown: unknown): boolean {
  return !(thrown instanceof DomainError) || OURS.has(thrown.code);
}

/** Whether a sender may be told the code as it is: neither a fault of ours nor an outage of the database. */
export function isRefusal(thrown: unknown): thrown is DomainError {
  return thrown instanceof DomainError && !OURS.has(thrown.code) && !OUTAGES.has(thrown.code);
}
