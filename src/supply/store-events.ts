import { eq, inArray, sql } from 'drizzle-orm';
import { appendEvidence } from '../consent/evidence/append.js';
import type { Bytes32 } from '../core/bytes32.js';
import type { SqlTransaction } from '../store/database.js';
import { partsOfEvent } from './evidence.js';
import type { CapturedEvent, Product } from './model.js';
import { event, eventEpc, eventParty, lot, pack, product } from './table.js';

/** Rows per INSERT: more than a few hundred are no faster and only make the statement longer. */
const BATCH_ROWS = 500;

/** The stored events with these ids. */
export async function findStored(tx: SqlTransaction, ids: readonly string[]) {
  const found = new Map<string, { contentHash: string; declared: boolean }>();
  for (const part of batches(ids)) {
    const rows = await tx
      .select({
        eventId: event.eventId,
        contentHash: event.contentHash,
        declaredInErrorMs: event.declaredInErrorMs,
      })
      .from(event)
      .where(inArray(event.eventId, part));
    for (const { eventId, contentHash, declaredInErrorMs } of rows) {
      found.set(eventId, { contentHash, declared: declaredInErrorMs !== null });
    }
  }
  return found;
}

/**
 * Stores the events of a document. Error declarations come first, so that a corrected pack can take
 * the place of the wrong one.
 */
export async function storeCapture(
  tx: SqlTransaction,
  capture: {
    readonly added: readonly CapturedEvent[];
    /** Known events, now declared to be in error. */
    readonly declared: readonly CapturedEvent[];
    readonly products: readonly Product[];
  },
): Promise<void> {
  await storeEvents(tx, capture.added);
  const leaves = await appendEvents(tx, capture.declared);
  for (const [i, { eventId, declaredInErrorMs }] of capture.declared.entries()) {
    const leaf = leaves[i];
    await tx.update(event).set({ declaredInErrorMs, leaf }).where(eq(event.eventId, eventId));
    await tx.delete(pack).where(eq(pack.eventId, eventId));
  }
  const mistaken = new Set(capture.declared.map(({ eventId }) => eventId));
  const valid = capture.added.filter(
    ({ eventId, declaredInErrorMs }) => declaredInErrorMs === null && !mistaken.has(eventId),
  );
  await storePacks(tx, valid);
  await storeLots(tx, valid);
  for (const part of batches(capture.products)) {
    const { gtin: _, ...described } = COLUMNS;
    await tx
      .insert(product)
      .values(part)
      .onConflictDoUpdate({ target: product.gtin, set: described });
  }
}

const COLUMNS = {
  gtin: sql`excluded.gtin`,
  name: sql`excluded.name`,
  labeler: sql`excluded.labeler`,
  dosageForm: sql`excluded.dosage_form`,
  strength: sql`excluded.strength`,
};

async function storeEvents(tx: SqlTransaction, added: readonly CapturedEvent[]): Promise<void> {
  const leaves = await appendEvents(tx, added);
  const rows = added.map(({ touched: _t, parties: _o, packs: _p, lots: _l, ...row }, i) => {
    return { ...row, leaf: leaves[i] };
  });
  for (const part of batches(rows)) await tx.insert(event).values(part);
  const touched = added.flatMap(({ eventId, touched: things }) =>
    things.map((thing) => ({ eventId, ...thing })),
  );
  for (const part of batches(touched)) await tx.insert(eventEpc).values(part);
  const named = added.flatMap(({ eventId, parties }) =>
    parties.map((party) => ({ eventId, party })),
  );
  for (const part of batches(named)) await tx.insert(eventParty).values(part);
}

/** An error declaration is a new log entry: the earlier one stays in the log. */
function appendEvents(tx: SqlTransaction, events: readonly CapturedEvent[]): Promise<Bytes32[]> {
  const entries = events.map((one) =>
    partsOfEvent({ ...one, epcs: [...new Set(one.touched.map(({ epc }) => epc))] }),
  );
  return appendEvidence(tx, 'SUPPLY_EVENT', entries);
}

/** The first commissioning of a pack is kept: otherwise a second one could change its lot. */
async function storePacks(tx: SqlTransaction, added: readonly CapturedEvent[]): Promise<void> {
  const packs = added.flatMap(({ eventId, packs: made }) =>
    made.map((one) => ({ ...one, eventId })),
  );
  for (const part of batches(packs)) await tx.insert(pack).values(part).onConflictDoNothing();
}

async function storeLots(tx: SqlTransaction, added: readonly CapturedEvent[]): Promise<void> {
  // One row per lot: PostgreSQL refuses to update a row twice in the same statement.
  const lots = new Map<string, CapturedEvent['lots'][number]>();
  for (const one of added.flatMap(({ lots: named }) => named)) {
    const key = `${one.gtin} ${one.lot}`;
    lots.set(key, { ...one, expiry: lots.get(key)?.expiry ?? one.expiry });
  }
  for (const part of batches([...lots.values()])) {
    await tx
      .insert(lot)
      .values(part)
      .onConflictDoUpdate({
        target: [lot.gtin, lot.lot],
        set: { expiry: sql`coalesce(${lot.expiry}, excluded.expiry)` },
      });
  }
}

function batches<Row>(rows: readonly Row[]): Row[][] {
  const count = Math.ceil(rows.length / BATCH_ROWS);
  return Array.from({ length: count }, (_, i) => rows.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
}
