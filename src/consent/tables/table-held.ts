import { bigint, index, pgTable, text } from 'drizzle-orm/pg-core';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/**
 * Withdrawal secrets that nothing shows yet to belong to a registered consent. They end what they
 * withdraw like any other, at every node, and they are no part of a feed: they stand here until an
 * institution that knows the handle publishes them, or until they expire.
 */
export const withdrawalHeld = pgTable(
  'withdrawal_held',
  {
    handle: text('handle').primaryKey(), // Poseidon(HANDLE, w), canonical decimal
    w: text('w').notNull(),
    origin: text('origin').$type<InstitutionId>().notNull(), // the institution that took it
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(), // when this node took it
    until: bigint('until', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    // When the other institutions are asked next whether they know the handle; of own ones alone.
    offerAt: bigint('offer_at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [
    index('withdrawal_held_origin_at_idx').on(t.origin, t.at),
    index('withdrawal_held_until_idx').on(t.until),
    index('withdrawal_held_offer_at_idx').on(t.origin, t.offerAt),
  ],
);
