import { bigint, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Seconds } from '../../core/time.js';

/** One row per file of a watched folder that was taken, so that a restart does not take it again. */
export const importedFile = pgTable(
  'imported_file',
  {
    standard: text('standard').notNull(),
    folder: text('folder').notNull(),
    name: text('name').notNull(), // its path from the folder
    identity: text('identity').notNull(), // of its content and how it is read: another is taken
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
    // Entries were refused because nobody knew their patient: tried again when more files come.
    waits: boolean('waits').notNull(),
    tries: integer('tries').notNull(),
  },
  (t) => [primaryKey({ columns: [t.standard, t.folder, t.name] })],
);
