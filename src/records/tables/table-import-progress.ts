import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * One row per file of lines whose import is under way or was cut short, written with the resources
 * that it counts; gone when the file is done, so that the same file again is checked line by line.
 */
export const importProgress = pgTable('import_progress', {
  identity: text('identity').primaryKey(), // of the file's content: a changed file begins anew
  source: text('source').notNull(), // the file's name
  lines: bigint('lines', { mode: 'number' }).notNull(), // taken, unchanged or refused so far
  bytes: bigint('bytes', { mode: 'number' }).notNull(), // where the next line starts
  // The first line whose subject was still missing, which a second pass begins at; 0 for none.
  waitingLine: bigint('waiting_line', { mode: 'number' }).notNull(),
  waitingByte: bigint('waiting_byte', { mode: 'number' }).notNull(),
});
