import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Bytes32 } from '../base/digest.js';
import type { FeedSegment } from './segment.js';

/** What an institution asks of another before it anchors. */
export interface AcknowledgementRequest {
  readonly institution: InstitutionId;
  /** How often it has anchored before. */
  readonly anchors: number;
  readonly digest: Bytes32;
  readonly segment: FeedSegment;
}

/**
 * The signature over the anchor; or how far the other's copy of the feed reaches, if the segment
 * does not join on there.
 */
export type Acknowledged = { readonly signature: string } | { readonly after: number };

/** Withdrawal secrets that an institution holds and asks another about. */
export interface HeldOffer {
  readonly institution: InstitutionId;
  /** When, seconds since 1900. */
  readonly at: Seconds;
  readonly secrets: readonly string[];
  /** By the institution's ledger account, for the one institution that is asked. */
  readonly signature: string;
}

/** How this node reaches the others. Answers are unknown until they are parsed: peers may lie. */
export interface FeedPeers {
  /** Asks `from` for the feed of `of` after that entry. @throws if it does not answer. */
  fetchSegment(from: InstitutionId, of: InstitutionId, after: number): Promise<unknown>;
  /** Asks `from` of which institutions it can show that they forked their feeds. */
  fetchForked(from: InstitutionId): Promise<unknown>;
  /** Asks `from` for the evidence against `of`. */
  fetchFork(from: InstitutionId, of: InstitutionId): Promise<unknown>;
  /** @throws if it does not answer, or refuses. */
  requestAcknowledgement(from: InstitutionId, request: AcknowledgementRequest): Promise<unknown>;
  /** @throws if it does not answer, or refuses. */
  offerHeld(to: InstitutionId, offer: HeldOffer): Promise<unknown>;
}

/** A shuffled copy, so that no institution is asked first by everybody. */
export function inRandomOrder<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
