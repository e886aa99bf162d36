import {
  bigint,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../../core/bytes32.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/** What a leaf of the shard stands for. */
export type LeafKind = 'CONSENT' | 'ACCREDITATION';

/** 32 bytes, big-endian: a field element as pages hold it and as it is hashed. */
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/**
 * One row per leaf ever appended, without gaps. Up to `register_shard.leaves` it is the leaf as
 * last anchored, so that the tree can be recomputed from here; the rows above wait for an anchor.
 */
export const registerLeaf = pgTable('register_leaf', {
  index: integer('index').primaryKey(), // from 1: 0 is the pad leaf, which has no row
  leaf: bytes('leaf').notNull(), // EMPTY_LEAF once withdrawn
  kind: text('kind').$type<LeafKind>().notNull(),
});

/** What the next anchor puts in place of a leaf; gone once it was anchored. */
export const registerOverwrite = pgTable('register_overwrite', {
  index: integer('index').primaryKey(),
  leaf: bytes('leaf').notNull(),
});

/**
 * The shard as last anchored, in pages of nodes (page.ts); a page that is not here is empty. It is
 * made of register_leaf and register_shard alone, and can be made again.
 */
export const registerPage = pgTable(
  'register_page',
  {
    tier: smallint('tier').notNull(), // from the leaves upwards
    number: integer('number').notNull(), // from the left, within its tier
    nodes: bytes('nodes').notNull(), // PAGE_BYTES
  },
  (t) => [primaryKey({ columns: [t.tier, t.number] })],
);

/** One row from the first anchor on: what the pages were made of when the ledger confirmed it. */
export const registerShard = pgTable('register_shard', {
  id: integer('id').primaryKey(), // always 1
  leaves: integer('leaves').notNull(), // how many rows of register_leaf were anchored
  pad: bytes('pad').notNull(), // the leaf at index 0, random with each anchor
  shardRoot: bytes('shard_root').notNull(),
});

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
    tombstone: text('tombstone').$type<Bytes32>().notNull(), // random; published once this is erased
  },
  (t) => [
    uniqueIndex('consent_pseudonym_handle_idx').on(t.pseudonym, t.handle),
    uniqueIndex('consent_pseudonym_requester_serial_idx').on(t.pseudonym, t.requester, t.serial),
    index('consent_handle_idx').on(t.handle),
    uniqueIndex('consent_tombstone_idx').on(t.tombstone),
  ],
);

/**
 * What is remembered of erased consents, and no more: that an old paper does not come back, and that
 * its place in the shard is spent. erasure.ts says what each mark is the hash of.
 */
export const erasedMark = pgTable('erased_mark', {
  mark: text('mark').primaryKey(), // SHA-256, hex
  serial: bigint('serial', { mode: 'bigint' }).notNull(), // the highest erased under this mark
  leaves: integer('leaves').notNull(), // how many were erased under this mark
});

/** Tombstones of what was erased here that the feed does not have yet: the next interval publishes them. */
export const tombstonePending = pgTable('tombstone_pending', {
  tombstone: text('tombstone').$type<Bytes32>().primaryKey(),
});

/** One row: the highest (epoch, root) this node has seen at finality depth on its ledger. */
export const ledgerMark = pgTable('ledger_mark', {
  id: integer('id').primaryKey(), // always 1
  epoch: bigint('epoch', { mode: 'number' }).notNull(),
  root: text('root').notNull(), // canonical decimal
});
