import { boolean, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

/**
 * Which resource refers to which: labels spread along these links, and medicines are found by them.
 */
export const resourceLink = pgTable(
  'resource_link',
  {
    server: text('server').notNull(), // of the holder, as in resource
    type: text('type').notNull(),
    id: text('id').notNull(),
    heldServer: text('held_server').notNull(),
    heldType: text('held_type').notNull(),
    heldId: text('held_id').notNull(), // it may not be stored, or not yet
    covers: boolean('covers').notNull(), // whether the holder's labels apply to what it holds
  },
  (t) => [
    primaryKey({ columns: [t.type, t.id, t.server, t.heldType, t.heldId, t.heldServer] }),
    index('resource_link_held_idx').on(t.heldType, t.heldId, t.heldServer),
  ],
);
