import type { Evidence } from '../core/evidence/evidence.js';
import type { InstitutionId } from '../core/ids.js';
import type { SourceState } from '../graph/ask.js';
import type { EpcPart } from './table.js';

export const EVENT_TYPES = [
  'ObjectEvent',
  'AggregationEvent',
  'AssociationEvent',
  'TransactionEvent',
  'TransformationEvent',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const EVENT_ACTIONS = ['ADD', 'OBSERVE', 'DELETE'] as const;
export type EventAction = (typeof EVENT_ACTIONS)[number];

/** A captured EPCIS event: the values that queries search by, and the complete event. */
export interface CapturedEvent {
  readonly eventId: string;
  /** SHA-256 of the event without eventID, recordTime and errorDeclaration. */
  readonly contentHash: string;
  readonly type: EventType;
  readonly action: EventAction | null;
  readonly bizStep: string | null;
  readonly disposition: string | null;
  readonly eventTimeMs: number; // Unix milliseconds
  readonly readPoint: string | null;
  readonly bizLocation: string | null;
  /** When it was declared to be in error, Unix milliseconds. */
  readonly declaredInErrorMs: number | null;
  /** Everything it touches, as canonical URIs. */
  readonly touched: readonly { readonly epc: string; readonly part: EpcPart }[];
  /**
   * Sources and destinations: canonical URIs of the organisations that hand over, receive, own or
   * possess.
   */
  readonly parties: readonly string[];
  /** The packs that it commissions, if it also has their lot and expiry. */
  readonly packs: readonly Pack[];
  /** The lots that it names by a quantity, or of which it commissions packs. */
  readonly lots: readonly {
    readonly gtin: string;
    readonly lot: string;
    readonly expiry: string | null;
  }[];
  readonly recalls: boolean;
  readonly raw: unknown;
}

export interface Pack {
  readonly gtin: string; // 14 digits
  readonly serial: string;
  readonly lot: string;
  readonly expiry: string; // YYYY-MM-DD
}

/** A trade item, as described by its labeler. */
export interface Product {
  readonly gtin: string;
  readonly name: string;
  readonly labeler: string | null;
  readonly dosageForm: string | null;
  readonly strength: string | null;
}

/** An event as a trace shows it. */
export interface TracedEvent {
  readonly eventId: string;
  readonly type: EventType;
  readonly action: EventAction | null;
  readonly bizStep: string | null;
  readonly disposition: string | null;
  readonly eventTimeMs: number;
  readonly readPoint: string | null;
  readonly bizLocation: string | null;
  /**
   * Of everything that it touches, only the things that this trace follows: no serial of another
   * pack.
   */
  readonly epcs: readonly string[];
  readonly declaredInErrorMs: number | null;
  readonly custodian: InstitutionId;
  /** Null if it was not asked for, and until the custodian has anchored the event. */
  readonly evidence: Evidence | null;
}

/** A thing was put into a container, seen in it or taken out. */
export interface Containment {
  /** Null means everything in the container: a DELETE without a list of children. */
  readonly child: string | null;
  readonly parent: string;
  readonly action: EventAction;
  readonly timeMs: number;
}

/** What is known about one item: its events and those of its containers, sorted by time and id. */
export interface Trace {
  readonly item: string;
  readonly events: readonly TracedEvent[];
  readonly containments: readonly Containment[];
  /** Whether there are more events than a trace can have; if so, narrow the time. */
  readonly hasMore: boolean;
  readonly sources: readonly SourceState[];
}

/** Why a product is not verified. SOURCE_UNAVAILABLE: it could not be looked up now. */
export const VRS_REASONS = [
  'NOT_FOUND',
  'MISMATCH_LOT',
  'MISMATCH_EXPIRY',
  'RECALLED',
  'DECOMMISSIONED',
  'SOURCE_UNAVAILABLE',
] as const;
export type VrsReason = (typeof VRS_REASONS)[number];

/**
 * A manufacturer's answer about a pack's four identifiers. `verified` is null if nobody could
 * answer now.
 */
export interface Verification {
  readonly verified: boolean | null;
  readonly reason: VrsReason | null;
  readonly respondedAtMs: number;
  readonly sources: readonly SourceState[];
}

/** A lot: public product information, without serials. */
export interface Lot {
  readonly gtin: string;
  readonly lot: string;
  readonly expiry: string | null;
  readonly product: Product | null;
  readonly recall: { readonly sinceMs: number; readonly custodian: InstitutionId } | null;
  /** The institutions that have handled it. */
  readonly holders: readonly InstitutionId[];
  readonly sources: readonly SourceState[];
}
