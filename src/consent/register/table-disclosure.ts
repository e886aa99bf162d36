import { bigint, bigserial, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { DataClass, Purpose } from '../../zk/vocabulary.js';
import type { Bytes32 } from '../feed/digest.js';

/**
 * Who received what and why: a row per participant, data class and request. Append only. The hash
 * chain runs over salted commitments, so that a row can be erased without breaking the chain.
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
    salt: text('salt').notNull(), // 16 random bytes, hex
    commitment: text('commitment').$type<Bytes32>().notNull(), // SHA-256(salt, row)
    position: bigint('position', { mode: 'number' }), // in the chain, from 1; null until sealed
    head: text('head').$type<Bytes32>(), // SHA-256(head before, commitment)
  },
  (t) => [
    uniqueIndex('disclosure_position_idx').on(t.position),
    index('disclosure_study_pseudonym_idx').on(t.study, t.pseudonym, t.id),
  ],
);
