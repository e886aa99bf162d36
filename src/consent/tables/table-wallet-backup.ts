import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/**
 * What a participant's wallet keeps here so that another device can go on: its book of serials, which
 * this node cannot read. One row a linked pseudonym; it goes with the link (triggers.sql).
 */
export const walletBackup = pgTable(
  'wallet_backup',
  {
    study: text('study').$type<StudyId>().notNull(),
    pseudonym: text('pseudonym').$type<Pseudonym>().notNull(),
    sequence: integer('sequence').notNull(), // from 1, one more with each that replaces another
    backup: text('backup').notNull(), // base64url, MAX_BACKUP_CHARACTERS at most
    keptAt: bigint('kept_at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.study, t.pseudonym] })],
);
