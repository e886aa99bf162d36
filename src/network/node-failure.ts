import type { SourceStatus } from '../graph/ask.js';

/**
 * What a node did instead of answering, for the log. UNDECIDED: it says that it cannot decide this
 * now. CANCELLED: not a fault, the client left.
 */
export type FailureKind =
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'MALFORMED'
  | 'UNDECIDED'
  | 'REFUSED'
  | 'CANCELLED';

/** Why a node's answer cannot be used. It names no host. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly kind: FailureKind;
  /** For the log alone: what happened, without a host. */
  readonly detail: string;

  constructor(kind: FailureKind, detail: string) {
    super(`${kind}: ${detail}`);
    this.kind = kind;
    this.detail = detail;
  }

  /**
   * What anybody may be told of it. An institution chooses where its endpoint leads: different
   * codes for different failures would reveal which ports are open there, and what listens on them.
   */
  get status(): Extract<SourceStatus, 'UNAVAILABLE' | 'REFUSED'> {
    return this.kind === 'REFUSED' ? 'REFUSED' : 'UNAVAILABLE';
  }
}

/** An answer in time whose rows are not what was asked for. */
export class UnparsableAnswer extends NodeFailure {
  /** @param cause - not its message, which may quote a row: its kind alone. */
  constructor(cause: unknown) {
    const kind = cause instanceof Error ? cause.name : typeof cause;
    super('MALFORMED', `the answer does not parse: ${kind}`);
  }
}
