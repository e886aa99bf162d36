import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/** What a leaf of the shard stands for. */
export type LeafKind = 'CONSENT' | 'ACCREDITATION';

/**
 * One row per leaf ever appended: what the next anchor will put there. What was anchored last is in
 * register_node at level 0, so that a crash between the two loses nothing.
 */
export const registerLeaf = pgTable(
  'register_leaf',
  {
    index: integer('index').primaryKey(), // from 1: 0 is the pad leaf, which has no row
    leaf: text('leaf').notNull(), // canonical decimal; EMPTY_LEAF once withdrawn
    kind: text('kind').$type<LeafKind>().notNull(),
    pending: boolean('pending').notNull(), // differs from what was anchored
  },
  (t) => [index('register_leaf_pending_idx').on(t.index).where(sql`${t.pending}`)],
);

/** The shard as last anchored; a node that is not here is the empty one of its level. */
export const registerNode = pgTable(
  'register_node',
  {
    level: integer('level').notNull(), // 0 = leaves, 20 = the shard root
    index: integer('index').notNull(),
    hash: text('hash').notNull(), // canonical decimal
  },
  (t) => [primaryKey({ columns: [t.level, t.index] })],
);

/** The plaintext of a registered consent: what its accounting of disclosures can name. */
export const consent = pgTable(
  'consent',
  {
    index: integer('index').primaryKey(), // in the shard
    leaf: text('leaf').notNull(),
    studyId: text('study_id').$type<StudyId>().notNull(),
    pseudonym: text('pseudonym').$type<Pseudonym>().notNull(),
    requester: text('requester').notNull(),
    study: text('study').notNull(), // field element
    institution: text('institution').notNull(), // field element; 0 = any custodian
    scope: text('scope').notNull(), // 96 bits
    duties: text('duties').notNull(), // 32 bits
    validFrom: bigint('valid_from', { mode: 'number' }).$type<Seconds>().notNull(),
    validUntil: bigint('valid_until', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    windowFrom: bigint('window_from', { mode: 'number' }).$type<Seconds>().notNull(),
    windowUntil: bigint('window_until', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    policy: text('policy').notNull(),
    serial: bigint('serial', { mode: 'bigint' }).notNull(), // grows under one study key
    handle: text('handle').notNull(),
    salt: text('salt').notNull(),
    keyX: text('key_x').notNull(), // the study key that signed
    keyY: text('key_y').notNull(),
    signatureR8x: text('signature_r8x').notNull(),
    signatureR8y: text('signature_r8y').notNull(),
    signatureS: text('signature_s').notNull(),
    registeredAt: bigint('registered_at', { mode: 'number' }).$type<Seconds>().notNull(),
    withdrawnAt: bigint('withdrawn_at', { mode: 'number' }).$type<Seconds>(),
  },
  (t) => [
    uniqueIndex('consent_pseudonym_handle_idx').on(t.pseudonym, t.handle),
    uniqueIndex('consent_pseudonym_requester_serial_idx').on(t.pseudonym, t.requester, t.serial),
    index('consent_handle_idx').on(t.handle),
  ],
);

/** One row: the highest (epoch, root) this node has seen at finality depth on its ledger. */
export const ledgerMark = pgTable('ledger_mark', {
  id: integer('id').primaryKey(), // always 1
  epoch: bigint('epoch', { mode: 'number' }).notNull(),
  root: text('root').notNull(), // canonical decimal
});
