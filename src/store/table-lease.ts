import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * Which process works in this schema alone, as long as it renews its row. Times are the database's
 * own. One row at most. The embedded engine, which takes one process by itself, has none.
 */
export const processLease = pgTable(
  'process_lease',
  {
    only: boolean('only').primaryKey().default(true),
    holder: text('holder').notNull(), // random, of one run of a process
    until: timestamp('until', { withTimezone: true }).notNull(), // exclusive
  },
  (t) => [check('process_lease_one_row', sql`${t.only}`)],
);
