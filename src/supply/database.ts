import { and, eq, inArray, isNull, min, or, sql } from 'drizzle-orm';
import type { ProveRows } from '../consent/evidence/prove.js';
import type { PermitSet } from '../consent/gate/permit.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { InstitutionId } from '../core/ids.js';
import type { SourceState } from '../graph/ask.js';
import type { Database, SqlTransaction } from '../store/database.js';
import { followItem, type Round } from './containment.js';
import { withEvidence } from './database-evidence.js';
import { isPartyTo, readRound } from './database-trace.js';
import { lotKey, packKey, partyKey } from './gs1.js';
import type { Lot, Pack, Trace, Verification, VrsReason } from './model.js';
import {
  type LotKey,
  type SupplySource,
  type TraceItem,
  type TraceOptions,
  unknownLot,
} from './source.js';
import { event, eventEpc, lot, pack, product } from './table.js';

/** A node's own supply data. */
export class DatabaseSupply implements SupplySource<PermitSet> {
  readonly #db: Database;
  readonly #custodian: InstitutionId;
  readonly #clock: Clock;
  readonly #prove: ProveRows;

  /** @param prove - without it, no event has evidence. */
  constructor(
    db: Database,
    custodian: InstitutionId,
    clock: Clock = systemClock,
    prove: ProveRows = proveNothing,
  ) {
    this.#db = db;
    this.#custodian = custodian;
    this.#clock = clock;
    this.#prove = prove;
  }

  async verify(_opened: PermitSet, asked: Pack): Promise<Verification> {
    const reason = await this.#db.transaction((tx) => reasonAgainst(tx, asked), 'read');
    const respondedAtMs = this.#clock.nowMs();
    return { verified: reason === null, reason, respondedAtMs, sources: [this.#self()] };
  }

  async trace(
    opened: PermitSet,
    item: TraceItem,
    { evidence }: TraceOptions,
  ): Promise<Trace | null> {
    // Decided before any data is read, so that the answer does not reveal what exists.
    const partners = opened.partners.filter(({ role }) => role === 'TRADING_PARTNER');
    if (partners.length === 0) return null;
    const parties = partners.flatMap(({ party }) => partyKey(party) ?? []);
    const round = await this.#db.transaction(async (tx) => {
      // To a partner that is not a party to it, an item looks like an unknown one.
      if (!(await isPartyTo(tx, item.epc, parties))) return NOTHING;
      return followItem(item, (items) => readRound(tx, items, this.#custodian));
    }, 'read');
    const read = <T>(work: (tx: SqlTransaction) => Promise<T>) =>
      this.#db.transaction(work, 'read');
    const events = evidence ? await withEvidence(read, this.#prove, round.events) : round.events;
    return { item: item.epc, ...round, events, sources: [this.#self()] };
  }

  async lots(_opened: PermitSet, keys: readonly LotKey[]): Promise<readonly Lot[]> {
    if (keys.length === 0) return [];
    const found = await this.#db.transaction((tx) => readLots(tx, keys), 'read');
    return keys.map((key) => {
      const row = found.get(lotKey(key.gtin, key.lot).uri);
      if (row === undefined) return unknownLot(key, [this.#self()]);
      const { recalledMs, ...rest } = row;
      const recall =
        recalledMs === null ? null : { sinceMs: recalledMs, custodian: this.#custodian };
      return { ...rest, recall, holders: [this.#custodian], sources: [this.#self()] };
    });
  }

  #self(): SourceState {
    return { institution: this.#custodian, status: 'OK', latencyMs: null };
  }
}

const NOTHING: Round = { events: [], containments: [], hasMore: false };

const proveNothing: ProveRows = async (rows) => rows.map(() => null);

/** Why this pack is not verified; null if it is. */
async function reasonAgainst(tx: SqlTransaction, asked: Pack): Promise<VrsReason | null> {
  const [known] = await tx
    .select({ lot: pack.lot, expiry: pack.expiry })
    .from(pack)
    .where(and(eq(pack.gtin, asked.gtin), eq(pack.serial, asked.serial)));
  if (known === undefined) return 'NOT_FOUND';
  if (known.lot !== asked.lot) return 'MISMATCH_LOT';
  if (known.expiry !== asked.expiry) return 'MISMATCH_EXPIRY';
  const [ended] = await tx
    .select({ recalled: sql<boolean | null>`bool_or(${event.recalls})` })
    .from(event)
    .innerJoin(eventEpc, eq(eventEpc.eventId, event.eventId))
    .where(
      and(
        isNull(event.declaredInErrorMs),
        inArray(eventEpc.epc, [
          packKey(asked.gtin, asked.serial).uri,
          lotKey(asked.gtin, asked.lot).uri,
        ]),
        or(event.recalls, decommissions()),
      ),
    );
  if (ended?.recalled === null || ended === undefined) return null;
  return ended.recalled ? 'RECALLED' : 'DECOMMISSIONED';
}

/** Condition: an ObjectEvent with DELETE ends the item itself. */
function decommissions() {
  return and(eq(event.type, 'ObjectEvent'), eq(event.action, 'DELETE'), eq(eventEpc.part, 'ITEM'));
}

/** Two statements for any number of lots: what they are, and which were recalled. */
async function readLots(tx: SqlTransaction, keys: readonly LotKey[]) {
  const uris = keys.map((key) => lotKey(key.gtin, key.lot).uri);
  const rows = await tx
    .select({ gtin: lot.gtin, lot: lot.lot, expiry: lot.expiry, product })
    .from(lot)
    .leftJoin(product, eq(product.gtin, lot.gtin))
    .where(or(...keys.map((key) => and(eq(lot.gtin, key.gtin), eq(lot.lot, key.lot)))));
  const recalls = await tx
    .select({ uri: eventEpc.epc, sinceMs: min(event.eventTimeMs) })
    .from(event)
    .innerJoin(eventEpc, eq(eventEpc.eventId, event.eventId))
    .where(
      and(
        isNull(event.declaredInErrorMs),
        event.recalls,
        eq(eventEpc.part, 'CLASS'),
        inArray(eventEpc.epc, uris),
      ),
    )
    .groupBy(eventEpc.epc);
  const recalled = new Map(recalls.map(({ uri, sinceMs }) => [uri, sinceMs]));
  return new Map(
    rows.map((row) => {
      const { uri } = lotKey(row.gtin, row.lot);
      return [uri, { ...row, recalledMs: recalled.get(uri) ?? null }];
    }),
  );
}

/** Number of events in this node, for the pilot's table. */
export async function countEvents(db: Database): Promise<number> {
  const rows = await db.transaction(
    (tx) => tx.select({ count: sql<number>`count(*)::int` }).from(event),
    'read',
  );
  return rows[0]?.count ?? 0;
}
