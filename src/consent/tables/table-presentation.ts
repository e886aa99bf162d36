import { bigint, bigserial, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Statement } from '../../zk/statement.js';
import type {
  AccreditationRole,
  DataClass,
  Duty,
  Purpose,
  Sensitivity,
} from '../../zk/vocabulary.js';

/**
 * One row per statement that was shown and verified here. A replay is the same row: its key is
 * made of the canonical public signals, because the bytes of a proof can be changed at will.
 */
export const presentation = pgTable(
  'presentation',
  {
    id: text('id').primaryKey(), // SHA-256 of statement and public signals, hex
    statement: text('statement').$type<Statement>().notNull(),
    holder: text('holder').notNull(), // RFC 7638 thumbprint of the session key
    study: text('study').$type<StudyId>(), // null: an accreditation for any study
    nym: text('nym').$type<Pseudonym>().notNull(), // pseudonym, or nullifier of an accreditation
    handle: text('handle').notNull(), // 0 for an accreditation
    purpose: text('purpose').$type<Purpose>(), // null for an accreditation
    dataClasses: jsonb('data_classes').$type<readonly DataClass[]>().notNull(),
    labels: jsonb('labels').$type<readonly Sensitivity[]>().notNull(),
    duties: jsonb('duties').$type<readonly Duty[]>().notNull(), // acknowledged
    windowFrom: bigint('window_from', { mode: 'number' }).$type<Seconds>().notNull(),
    windowUntil: bigint('window_until', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    role: text('role').$type<AccreditationRole>(), // null for a consent
    party: text('party').notNull(), // empty: none
    root: text('root').notNull(), // canonical decimal; checked again with every request
    epoch: bigint('epoch', { mode: 'number' }).notNull(), // the newest with that root when it was shown
    keyHash: text('key_hash').notNull(), // of the verification key; checked again likewise
    asOf: bigint('as_of', { mode: 'number' }).$type<Seconds>().notNull(),
    expires: bigint('expires', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    presentedAt: bigint('presented_at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [
    index('presentation_holder_idx').on(t.holder),
    index('presentation_expires_idx').on(t.expires),
  ],
);

/**
 * A row for each SQL statement that changed presentations or withdrawals. Triggers write them
 * (src/store/triggers.sql), so no code can forget to. Presentations cached in memory are valid
 * until a newer row appears.
 */
export const gateChange = pgTable('gate_change', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
});
