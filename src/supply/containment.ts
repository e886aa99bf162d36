import type { Evidence } from '../core/evidence/evidence.js';
import { mergeParts } from '../core/evidence/evidence-parts.js';
import type { Containment, TracedEvent } from './model.js';
import { MAX_TRACE_EVENTS, type TraceItem } from './source.js';

/** Nested levels that a trace follows: pack, case, pallet. */
export const MAX_LEVELS = 3;

/**
 * Maximum number of things that one trace follows, so that a mesh of containers does not cause a
 * flood of questions.
 */
const MAX_ITEMS = 50;

/** A thing was in a container during [fromMs, untilMs). */
export interface Stay {
  readonly child: string;
  readonly parent: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Turns containment events into stays. A thing has one container at a time: being put into another
 * ends the previous stay. An OBSERVE begins a stay if nothing else did; a DELETE without a
 * beginning says nothing about the time before it.
 */
export function staysOf(containments: readonly Containment[]): readonly Stay[] {
  const stays: Stay[] = [];
  const open = new Map<string, { parent: string; fromMs: number }>();
  const close = (child: string, untilMs: number) => {
    const stay = open.get(child);
    if (stay !== undefined) stays.push({ child, ...stay, untilMs });
    open.delete(child);
  };
  for (const { child, parent, action, timeMs } of inOrder(containments)) {
    if (action === 'DELETE') {
      const left = child === null ? [...open.keys()] : [child];
      for (const one of left) if (open.get(one)?.parent === parent) close(one, timeMs);
    } else if (child !== null && open.get(child)?.parent !== parent) {
      close(child, timeMs);
      open.set(child, { parent, fromMs: timeMs });
    }
  }
  for (const child of [...open.keys()]) close(child, Number.POSITIVE_INFINITY);
  return stays;
}

/** The item itself and every container it was in, each with the time it was in it. */
export function itemsOf(
  root: TraceItem,
  containments: readonly Containment[],
): readonly TraceItem[] {
  const stays = staysOf(containments);
  const items = [root];
  let level: readonly TraceItem[] = [root];
  for (let depth = 1; depth < MAX_LEVELS; depth += 1) {
    level = level.flatMap((item) => containersOf(item, stays));
    items.push(...level);
  }
  return items.slice(0, MAX_ITEMS);
}

function containersOf(item: TraceItem, stays: readonly Stay[]): readonly TraceItem[] {
  return stays
    .filter(({ child }) => child === item.epc)
    .map(({ parent, fromMs, untilMs }) => ({
      epc: parent,
      fromMs: Math.max(fromMs, item.fromMs),
      untilMs: Math.min(untilMs, item.untilMs),
    }))
    .filter(({ fromMs, untilMs }) => fromMs < untilMs);
}

/** The result of one round of questions about some items. */
export interface Round {
  readonly events: readonly TracedEvent[];
  readonly containments: readonly Containment[];
  readonly hasMore: boolean;
}

/**
 * Asks about an item, then about the containers that the answers name, one round per level.
 *
 * A node uses it on its database, the network on its nodes. A stay may begin in one institution's
 * events and end in another's, so what belongs to the trace is decided at the end, over all
 * answers.
 */
export async function followItem(
  root: TraceItem,
  ask: (items: readonly TraceItem[]) => Promise<Round>,
): Promise<Round> {
  const rounds: Round[] = [];
  const asked: TraceItem[] = [];
  let items: readonly TraceItem[] = [root];
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const unasked = items.filter((item) => !asked.some((before) => includes(before, item)));
    if (unasked.length === 0) break;
    asked.push(...unasked);
    rounds.push(await ask(unasked));
    items = itemsOf(
      root,
      rounds.flatMap(({ containments }) => containments),
    );
  }
  const events = unite(
    rounds.flatMap((round) => round.events),
    items,
  );
  return {
    events: events.slice(0, MAX_TRACE_EVENTS),
    containments: inOrder(rounds.flatMap(({ containments }) => containments)),
    hasMore: rounds.some(({ hasMore }) => hasMore) || events.length > MAX_TRACE_EVENTS,
  };
}

function includes(wide: TraceItem, narrow: TraceItem): boolean {
  const { epc, fromMs, untilMs } = wide;
  return epc === narrow.epc && fromMs <= narrow.fromMs && narrow.untilMs <= untilMs;
}

/** Each event once, with the items it touches while they belong to the trace, in (time, id) order. */
function unite(events: readonly TracedEvent[], items: readonly TraceItem[]): TracedEvent[] {
  const united = new Map<string, TracedEvent>();
  for (const event of events) {
    const key = `${event.custodian} ${event.eventId}`;
    const before = united.get(key);
    const epcs = [...new Set([...(before?.epcs ?? []), ...event.epcs])].sort();
    united.set(key, {
      ...event,
      evidence: uniteEvidence(before?.evidence ?? null, event.evidence),
      epcs: epcs.filter((epc) => belongs(epc, event.eventTimeMs, items)),
    });
  }
  return [...united.values()].filter(({ epcs }) => epcs.length > 0).sort(byTimeThenId);
}

/** Joins the evidence of one event from two rounds, which show different things that it touches. */
function uniteEvidence(one: Evidence | null, other: Evidence | null): Evidence | null {
  // The custodian may have anchored between the rounds: then the newer evidence is used alone.
  if (one === null || other?.leaf !== one.leaf) return other;
  const parts = mergeParts(one.proof.parts, other.proof.parts);
  return parts === undefined ? other : { ...other, proof: { ...other.proof, parts } };
}

function belongs(epc: string, timeMs: number, items: readonly TraceItem[]): boolean {
  return items.some((item) => item.epc === epc && item.fromMs <= timeMs && timeMs < item.untilMs);
}

function byTimeThenId(a: TracedEvent, b: TracedEvent): number {
  if (a.eventTimeMs !== b.eventTimeMs) return a.eventTimeMs - b.eventTimeMs;
  if (a.eventId === b.eventId) return a.custodian < b.custodian ? -1 : 1;
  return a.eventId < b.eventId ? -1 : 1;
}

/** Sorted by time, without duplicates: two institutions may have captured the same act. */
function inOrder(containments: readonly Containment[]): readonly Containment[] {
  const keyOf = ({ child, parent, action, timeMs }: Containment) =>
    JSON.stringify([child, parent, action, timeMs]);
  const once = new Map(containments.map((one) => [keyOf(one), one]));
  // At the same moment, ends come before beginnings: out of one case, into the next.
  const rank = ({ action }: Containment) => (action === 'DELETE' ? 0 : 1);
  return [...once.values()].sort((a, b) => a.timeMs - b.timeMs || rank(a) - rank(b));
}
