import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';

/** The sender of a request to the gateway: the token that it signed itself, if it sent one. */
export interface RequestOrigin {
  /** A compact JWS, without its secret: forwarded to nodes, which decide, where they need it. */
  readonly token: string | undefined;
  readonly requestId: string;
  /**
   * Who asks, where one caller's questions must not cost another's answers: the thumbprint of the key that signed the
   * token, or the address without one. All requesters without it are one caller.
   */
  readonly caller?: string;
  /** Aborted once the client has left: a question that only asks is asked no further then. */
  readonly signal?: AbortSignal | undefined;
  /** Where the request came from: an IPv4 address, or the /64 of an IPv6 address. It leaves this process nowhere. */
  readonly address?: string;
}

/**
 * How one institution answered. UNAVAILABLE: no usable answer, for whatever reason; REFUSED: its node decided so;
 * NOT_PRESENTED: this holder has shown that node nothing yet.
 */
export type SourceStatus = 'OK' | 'UNAVAILABLE' | 'REFUSED' | 'NOT_PRESENTED';

/** One institution's part in a merged answer. */
export interface SourceState {
  readonly institution: InstitutionId;
  readonly status: SourceStatus;
  /** Milliseconds until its answer was read; null without one, and for an answer from the node itself. */
  readonly latencyMs: number | null;
}

/** A source's state and, where it answered as it should, what it said. */
export type Answer<Data> = SourceState & { readonly data: Data | undefined };

/**
 * A source's state without what it said.
 *
 * @param said - what its node answered of itself, where that differs from how it was reached.
 */
export function stateOf(
  { institution, status, latencyMs }: SourceState,
  said: SourceStatus = status,
): SourceState {
  return { institution, status: said, latencyMs };
}

export type Role = 'HOSPITAL' | 'SPONSOR' | 'MANUFACTURER' | 'PHARMACY' | 'PAYER';

/** Which subgraph of a node a question goes to; also the last part of its URL. */
export type SubgraphName = 'network' | 'consent' | 'records' | 'trials' | 'supply';

/** One fixed document, asked alike of every node it concerns. */
export interface Question<Data> {
  readonly subgraph: SubgraphName;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Further variables, which each institution is sent its own of; none without it. */
  readonly variablesOf?: (institution: InstitutionId) => Readonly<Record<string, unknown>>;
  /**
   * Whether the answer depends on who asks. Only then do the nodes get the requester's token: who
   * need not hold a credential must not be handed one.
   */
  readonly needsToken: boolean;
  /**
   * Set where a node tells nothing but what this holder has shown it: without a token nobody is asked,
   * and each institution has decided, as NOT_PRESENTED.
   */
  readonly holderOnly?: true;
  /** The institutions to ask: all active ones with one of these roles, or those named. */
  readonly of:
    | { readonly roles: readonly Role[] }
    | { readonly institutions: readonly InstitutionId[] };
  /** Reads `data` of the answer; a throw makes that source UNAVAILABLE. */
  readonly parse: (data: unknown, institution: InstitutionId) => Data;
  /** Milliseconds that a node has; a default applies without it. */
  readonly budgetMs?: number;
  /** Bytes that a whole and honest answer has at most: see answer-size.ts. No more is read. */
  readonly maxBytes: number;
}

/** Asks many nodes at once; the network room answers it, every domain's network source uses it. */
export interface AskNodes {
  /** One answer per institution asked, in id order. Never throws for what a node does. */
  ask<Data>(requester: RequestOrigin, question: Question<Data>): Promise<readonly Answer<Data>[]>;
}

/** Whether an institution decided what it was asked: by its answer, or by what it was never shown. */
function hasDecided({ status }: Pick<SourceState, 'status'>): boolean {
  return status === 'OK' || status === 'NOT_PRESENTED';
}

/**
 * Why an absence cannot be reported: an institution that was asked has not decided. Null, or an
 * empty list without its sources, may be answered only if this is undefined.
 *
 * @returns DomainError SOURCE_UNAVAILABLE with the institutions that are missing, in the order given.
 */
export function undecided(
  sources: readonly Pick<SourceState, 'institution' | 'status'>[],
): DomainError | undefined {
  const missing = sources.filter((source) => !hasDecided(source));
  if (missing.length === 0) return undefined;
  const institutions = missing.map(({ institution }) => institution).join(' ');
  return new DomainError('SOURCE_UNAVAILABLE', { institutions });
}

/** Complete means that every source answered; rows of the others are missing, not absent. */
export function isComplete(sources: readonly SourceState[]): boolean {
  return sources.every(({ status }) => status === 'OK');
}
