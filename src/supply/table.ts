import {
  bigint,
  boolean,
  date,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../core/bytes32.js';

/** One row per EPCIS event, as captured, with the columns that queries search by. */
export const event = pgTable(
  'event',
  {
    eventId: text('event_id').primaryKey(),
    /** SHA-256 of the event without eventID, recordTime and errorDeclaration. */
    contentHash: text('content_hash').notNull(),
    type: text('type').notNull(),
    action: text('action'), // null for a TransformationEvent
    bizStep: text('biz_step'),
    disposition: text('disposition'),
    eventTimeMs: bigint('event_time_ms', { mode: 'number' }).notNull(), // Unix milliseconds
    readPoint: text('read_point'),
    bizLocation: text('biz_location'),
    /**
     * When the event was declared to be in error, Unix milliseconds; it then counts as never
     * happened.
     */
    declaredInErrorMs: bigint('declared_in_error_ms', { mode: 'number' }),
    recalls: boolean('recalls').notNull(),
    raw: jsonb('raw').notNull(),
    leaf: text('leaf').$type<Bytes32>(), // in the evidence log; null: captured before the log existed
  },
  (t) => [index('event_event_time_ms_idx').on(t.eventTimeMs)],
);

/** One row per thing that an event touches; URN and Digital Link of a thing give the same key. */
export const eventEpc = pgTable(
  'event_epc',
  {
    eventId: text('event_id').notNull(),
    epc: text('epc').notNull(), // canonical Digital Link URI, or the URI itself if it has none
    part: text('part').$type<EpcPart>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.eventId, t.epc, t.part] }),
    index('event_epc_epc_part_idx').on(t.epc, t.part),
  ],
);

/**
 * One row per organisation that an event names as source or destination: these may trace its
 * things.
 */
export const eventParty = pgTable(
  'event_party',
  {
    eventId: text('event_id').notNull(),
    party: text('party').notNull(), // canonical Digital Link URI of its GLN
  },
  (t) => [primaryKey({ columns: [t.eventId, t.party] })],
);

/** The list of the event that names the thing; CLASS is a quantity of a class or lot. */
export type EpcPart = 'ITEM' | 'PARENT' | 'CHILD' | 'INPUT' | 'OUTPUT' | 'CLASS';

/** One row per serialised pack that this institution commissioned, for verifications. */
export const pack = pgTable(
  'pack',
  {
    gtin: text('gtin').notNull(), // 14 digits
    serial: text('serial').notNull(),
    lot: text('lot').notNull(),
    expiry: date('expiry', { mode: 'string' }).notNull(),
    eventId: text('event_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.gtin, t.serial] }),
    index('pack_gtin_lot_idx').on(t.gtin, t.lot),
  ],
);

/** One row per lot that this institution has handled or named. */
export const lot = pgTable(
  'lot',
  {
    gtin: text('gtin').notNull(),
    lot: text('lot').notNull(),
    expiry: date('expiry', { mode: 'string' }), // null if only another institution's packs have it
  },
  (t) => [primaryKey({ columns: [t.gtin, t.lot] })],
);

/** One row per trade item, from the document's master data. */
export const product = pgTable('product', {
  gtin: text('gtin').primaryKey(),
  name: text('name').notNull(),
  labeler: text('labeler'),
  dosageForm: text('dosage_form'),
  strength: text('strength'),
});
