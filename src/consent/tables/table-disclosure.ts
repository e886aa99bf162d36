import { bigint, bigserial, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../../core/bytes32.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { DataClass, Purpose } from '../../zk/vocabulary.js';

/**
 * Who received what and why: a row per participant, data class and request. Append only, because the
 * evidence log holds a salted leaf of each; a row can be erased, and its leaf stays.
 */
export const disclosure = pgTable(
  'disclosure',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
    study: text('study').$type<StudyId>().notNull(),
    pseudonym: text('pseudonym').$type<Pseudonym>().notNull(),
    handle: text('handle').notNull(), // which consent it was released under
    purpose: text('purpose').$type<Purpose>().notNull(),
    dataClass: text('data_class').$type<DataClass>().notNull(),
    count: integer('count').notNull(), // rows released
    leaf: text('leaf').$type<Bytes32>(), // in the evidence log; null: older than the log
  },
  (t) => [index('disclosure_study_pseudonym_at_idx').on(t.study, t.pseudonym, t.at, t.id)],
);
