import type { SourceState } from '../graph/ask.js';
import type { Lot, Pack, Trace, Verification } from './model.js';

/** One thing whose events are asked for, and when: [fromMs, untilMs) in Unix milliseconds. */
export interface TraceItem {
  /** A canonical URI, as `parseEpc` returns it. */
  readonly epc: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface TraceOptions {
  /** Whether each event comes with its evidence. */
  readonly evidence: boolean;
}

export interface LotKey {
  readonly gtin: string; // 14 digits
  readonly lot: string;
}

/** Where supply data comes from: a node's database, or the network. */
export interface SupplySource<Opened> {
  /** Public: yes or no, and why not. */
  verify(opened: Opened, pack: Pack): Promise<Verification>;
  /**
   * Null unless `opened` has a trading partner's permit, whether or not the item is known. With a
   * permit, the trace has no events if the item is unknown, or if the permit's party is not a party
   * to it: no event of the item, or of a container of it, names that party as source or
   * destination.
   */
  trace(opened: Opened, item: TraceItem, options: TraceOptions): Promise<Trace | null>;
  /** Public. One lot per key, in the order asked; an unknown lot has no holders. */
  lots(opened: Opened, keys: readonly LotKey[]): Promise<readonly Lot[]>;
}

/** Maximum number of events in a trace. */
export const MAX_TRACE_EVENTS = 1_000;

/** A time before and after every event. */
export const ALL_TIME = { fromMs: -8.64e15, untilMs: 8.64e15 } as const;

/** A lot that no source that answered has handled. */
export function unknownLot({ gtin, lot }: LotKey, sources: readonly SourceState[]): Lot {
  return { gtin, lot, expiry: null, product: null, recall: null, holders: [], sources };
}
