import { and, eq, inArray, isNull, ne, notInArray, or, type SQL, sql } from 'drizzle-orm';
import type { InstitutionId } from '../core/ids.js';
import { rowsOf, type SqlTransaction } from '../store/database.js';
import { MAX_LEVELS, type Round } from './containment.js';
import type { Containment, EventAction, EventType, TracedEvent } from './model.js';
import { MAX_TRACE_EVENTS, type TraceItem } from './source.js';
import { event, eventEpc } from './table.js';

/**
 * Steps at which a pack is handed to a patient. They are never part of a trace: the moment at which
 * a serial was handed out identifies the person who received it.
 */
const COUNTER_STEPS = ['dispensing', 'retail_selling'];
const COUNTER_DISPOSITIONS = ['dispensed', 'partially_dispensed', 'retail_sold'];

/** One round of a trace over a node's own events: two statements for any number of items. */
export async function readRound(
  tx: SqlTransaction,
  items: readonly TraceItem[],
  custodian: InstitutionId,
): Promise<Round> {
  const events = await readEvents(tx, items, custodian);
  return {
    events: events.slice(0, MAX_TRACE_EVENTS),
    containments: await readContainments(
      tx,
      items.map(({ epc }) => epc),
    ),
    hasMore: events.length > MAX_TRACE_EVENTS,
  };
}

/**
 * Whether one of these organisations is a party to a thing: an event (not declared in error) names
 * it as source or destination of the thing, or of something that the thing was ever in.
 *
 * All events of a reused container count. Only this institution's own events are considered.
 *
 * @param parties - canonical URIs; if empty, the answer is no.
 */
export async function isPartyTo(
  tx: SqlTransaction,
  epc: string,
  parties: readonly string[],
): Promise<boolean> {
  if (parties.length === 0) return false;
  const named = sql.join(
    parties.map((party) => sql`${party}`),
    sql`, `,
  );
  const found = await tx.execute(sql`
    WITH RECURSIVE thing (epc, level) AS (
      SELECT ${epc}::text, 1
      UNION
      SELECT parent.epc, thing.level + 1 FROM thing
        JOIN event_epc AS child ON child.epc = thing.epc AND child.part = 'CHILD'
        JOIN event_epc AS parent ON parent.event_id = child.event_id AND parent.part = 'PARENT'
        JOIN event ON event.event_id = child.event_id AND event.declared_in_error_ms IS NULL
        WHERE thing.level < ${MAX_LEVELS}
    )
    SELECT 1 FROM thing
      JOIN event_epc AS touched ON touched.epc = thing.epc AND touched.part <> 'CLASS'
      JOIN event_party AS named ON named.event_id = touched.event_id AND named.party IN (${named})
      JOIN event ON event.event_id = named.event_id AND event.declared_in_error_ms IS NULL
      LIMIT 1`);
  return rowsOf(found).length > 0;
}

async function readEvents(
  tx: SqlTransaction,
  items: readonly TraceItem[],
  custodian: InstitutionId,
): Promise<TracedEvent[]> {
  const rows = await tx
    .select({
      eventId: event.eventId,
      type: event.type,
      action: event.action,
      bizStep: event.bizStep,
      disposition: event.disposition,
      eventTimeMs: event.eventTimeMs,
      readPoint: event.readPoint,
      bizLocation: event.bizLocation,
      declaredInErrorMs: event.declaredInErrorMs,
      epcs: sql<string[]>`array_agg(DISTINCT ${eventEpc.epc})`,
    })
    .from(event)
    .innerJoin(eventEpc, eq(eventEpc.eventId, event.eventId))
    .where(and(ne(eventEpc.part, 'CLASS'), or(...items.map(touchesInTime)), awayFromCounter()))
    .groupBy(event.eventId)
    .orderBy(event.eventTimeMs, sql`${event.eventId} COLLATE "C"`)
    .limit(MAX_TRACE_EVENTS + 1);
  return rows.map((row) => ({
    ...row,
    type: row.type as EventType,
    action: row.action as EventAction | null,
    custodian,
    evidence: null,
  }));
}

function touchesInTime({ epc, fromMs, untilMs }: TraceItem): SQL | undefined {
  return and(
    eq(eventEpc.epc, epc),
    Number.isFinite(fromMs) ? sql`${event.eventTimeMs} >= ${fromMs}` : undefined,
    Number.isFinite(untilMs) ? sql`${event.eventTimeMs} < ${untilMs}` : undefined,
  );
}

function awayFromCounter(): SQL | undefined {
  return and(
    or(isNull(event.bizStep), notInArray(event.bizStep, COUNTER_STEPS)),
    or(isNull(event.disposition), notInArray(event.disposition, COUNTER_DISPOSITIONS)),
  );
}

/**
 * Events that put these things into containers, and events that emptied these containers
 * completely.
 */
async function readContainments(
  tx: SqlTransaction,
  epcs: readonly string[],
): Promise<readonly Containment[]> {
  const child = sql.identifier('child');
  const parent = sql.identifier('parent');
  const rows = await tx
    .select({
      child: sql<string | null>`${child}.epc`,
      parent: sql<string>`${parent}.epc`,
      action: event.action,
      timeMs: event.eventTimeMs,
    })
    .from(event)
    .innerJoin(
      sql`${eventEpc} AS ${parent}`,
      sql`${parent}.event_id = ${event.eventId} AND ${parent}.part = 'PARENT'`,
    )
    .leftJoin(
      sql`${eventEpc} AS ${child}`,
      sql`${child}.event_id = ${event.eventId} AND ${child}.part = 'CHILD'`,
    )
    .where(
      and(
        eq(event.type, 'AggregationEvent'),
        isNull(event.declaredInErrorMs),
        or(
          inArray(sql`${child}.epc`, [...epcs]),
          and(
            eq(event.action, 'DELETE'),
            sql`${child}.epc IS NULL`,
            inArray(sql`${parent}.epc`, [...epcs]),
          ),
        ),
      ),
    )
    .orderBy(event.eventTimeMs)
    .limit(MAX_TRACE_EVENTS);
  return rows.map((row) => ({ ...row, action: row.action as EventAction }));
}
