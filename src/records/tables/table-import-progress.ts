import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * One row per file of lines whose import is running or was interrupted, written in the same
 * transaction as the resources that it counts. Deleted when the file is done, so that importing the
 * file again checks every line.
 */
export const importProgress = pgTable('import_progress', {
  identity: text('identity').primaryKey(), // of the file's content: a changed file starts from the beginning
  source: text('source').notNull(), // the file's name
  lines: bigint('lines', { mode: 'number' }).notNull(), // taken, unchanged or refused so far
  bytes: bigint('bytes', { mode: 'number' }).notNull(), // where the next line starts
  // The first line whose subject was still missing, which a second pass begins at; 0 for none.
  waitingLine: bigint('waiting_line', { mode: 'number' }).notNull(),
  waitingByte: bigint('waiting_byte', { mode: 'number' }).notNull(),
});
