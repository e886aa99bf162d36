import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Bytes32, DigestPreimage } from '../base/digest.js';

/**
 * Every withdrawal and every tombstone this node knows, in its own feed and in its copies of the
 * others'. Append only: entries are kept as long as the network.
 */
export const feedEntry = pgTable(
  'feed_entry',
  {
    institution: text('institution').$type<InstitutionId>().notNull(), // whose feed
    seq: bigint('seq', { mode: 'number' }).notNull(), // from 1, without gaps
    w: text('w').notNull(), // the published secret, canonical decimal, or a tombstone
    handle: text('handle'), // Poseidon(HANDLE, w): what presentations are joined by; null for a tombstone
    head: text('head').$type<Bytes32>().notNull(), // SHA-256(head before, w)
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(), // when this node took it
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.seq] }),
    index('feed_entry_institution_w_idx').on(t.institution, t.w),
    index('feed_entry_institution_head_idx').on(t.institution, t.head),
    index('feed_entry_handle_idx').on(t.handle),
  ],
);

/** Heads of feeds as their institutions signed them, so that this node can relay the segments. */
export const feedHead = pgTable(
  'feed_head',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    head: text('head').$type<Bytes32>().notNull(),
    account: text('account').notNull(), // that signed: 0x and 40 lower-case hexadecimal digits
    signature: text('signature').notNull(), // over institution, seq and head
  },
  (t) => [primaryKey({ columns: [t.institution, t.seq] })],
);

/**
 * Digests of institutions whose feed heads this node's copies hold: the one on the ledger, and those
 * that this node acknowledged and that may still come to stand there. Kept, so that a feed can be
 * shown to be whole after its institution has gone.
 */
export const feedOpened = pgTable(
  'feed_opened',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    digest: text('digest').$type<Bytes32>().notNull(),
    round: bigint('round', { mode: 'number' }).notNull(), // as the preimage names it
    preimage: jsonb('preimage').$type<DigestPreimage>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.digest] })],
);

/**
 * Digests of suspended institutions that nobody can open any more and that this node's operator
 * decided to go on without.
 */
export const feedGapAccepted = pgTable(
  'feed_gap_accepted',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    digest: text('digest').$type<Bytes32>().notNull(), // this one alone, no later one
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.digest] })],
);

/** Up to which entry of a suspended institution's feed this node has published again what only that feed had. */
export const feedRepublished = pgTable('feed_republished', {
  institution: text('institution').$type<InstitutionId>().primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
});

/**
 * Digests of this institution's own that were anchored after the backup which this database was restored
 * from, and that its operator decided to go on after. Kept for ever.
 */
export const restoreAccepted = pgTable('restore_accepted', {
  digest: text('digest').$type<Bytes32>().primaryKey(), // on the ledger when it was accepted
  anchors: bigint('anchors', { mode: 'number' }).notNull(), // of this institution, as the ledger counted then
  known: bigint('known', { mode: 'number' }).notNull(), // how many of them this database has
  disclosures: bigint('disclosures', { mode: 'number' }).notNull(), // entries of that log here
  records: bigint('records', { mode: 'number' }).notNull(), // and of that one
  at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
});

/** What this institution put into each digest it prepared for the ledger, kept so that it can be opened. */
export const feedDigest = pgTable(
  'feed_digest',
  {
    digest: text('digest').$type<Bytes32>().primaryKey(),
    number: bigint('number', { mode: 'number' }).notNull(), // from 1, in the order prepared
    // Which anchor it is made for. Of two made for one, at most one is on the ledger.
    chainId: bigint('chain_id', { mode: 'number' }).notNull(),
    contract: text('contract').notNull(), // 0x and 40 lower-case digits
    slot: integer('slot').notNull(),
    round: bigint('round', { mode: 'number' }).notNull(), // the slot's anchors before it
    feedHead: text('feed_head').$type<Bytes32>().notNull(),
    disclosureHead: text('disclosure_head').$type<Bytes32>().notNull(),
    evidenceHead: text('evidence_head').$type<Bytes32>().notNull(),
    pad: text('pad').$type<Bytes32>().notNull(), // random, so that two like intervals look different
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [uniqueIndex('feed_digest_number_idx').on(t.number)],
);
