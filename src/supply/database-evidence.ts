import { eq, inArray, sql } from 'drizzle-orm';
import type { LoggedRow, ProveRows } from '../consent/evidence/prove.js';
import type { SqlTransaction } from '../store/database.js';
import { partsOfEvent, showsOnly } from './evidence.js';
import type { EventAction, EventType, TracedEvent } from './model.js';
import { event, eventEpc } from './table.js';

/** Events per look-up; a trace may have a thousand. */
const EVENTS_PER_READ = 500;

/** Traced events with their evidence, which shows only the things that the trace follows. */
export async function withEvidence(
  transaction: <T>(work: (tx: SqlTransaction) => Promise<T>) => Promise<T>,
  prove: ProveRows,
  events: readonly TracedEvent[],
): Promise<readonly TracedEvent[]> {
  const ids = events.map(({ eventId }) => eventId);
  const stored = await transaction((tx) => readLogged(tx, ids));
  const proven = await prove(
    events.map(({ eventId, epcs }) => {
      const row = stored.get(eventId);
      if (row === undefined) return { leaf: null, parts: [] };
      return { ...row, shows: showsOnly(epcs) };
    }),
  );
  return events.map((one, i) => ({ ...one, evidence: proven[i] ?? null }));
}

async function readLogged(
  tx: SqlTransaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LoggedRow>> {
  const found = new Map<string, LoggedRow>();
  for (let start = 0; start < ids.length; start += EVENTS_PER_READ) {
    const rows = await tx
      .select({ stored: event, epcs: sql<string[]>`array_agg(DISTINCT ${eventEpc.epc})` })
      .from(event)
      .innerJoin(eventEpc, eq(eventEpc.eventId, event.eventId))
      .where(inArray(event.eventId, ids.slice(start, start + EVENTS_PER_READ)))
      .groupBy(event.eventId);
    for (const { stored, epcs } of rows) {
      const type = stored.type as EventType;
      const action = stored.action as EventAction | null;
      const parts = partsOfEvent({ ...stored, type, action, epcs });
      found.set(stored.eventId, { leaf: stored.leaf, parts });
    }
  }
  return found;
}
