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
import type { Bytes32, DigestPreimage } from './digest.js';

/**
 * Every withdrawal this node knows, its own feed beside its copies of the others'. Append only:
 * entries are kept as long as the network.
 */
export const feedEntry = pgTable(
  'feed_entry',
  {
    institution: text('institution').$type<InstitutionId>().notNull(), // whose feed
    seq: bigint('seq', { mode: 'number' }).notNull(), // from 1, without gaps
    w: text('w').notNull(), // the published secret, canonical decimal
    handle: text('handle').notNull(), // Poseidon(HANDLE, w): what presentations are joined by
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
    round: bigint('round', { mode: 'number' }).notNull(), // grows with every anchor prepared there
    digests: jsonb('digests').$type<readonly DigestPreimage[]>().notNull(),
    signature: text('signature').notNull(), // over all of the above
  },
  (t) => [primaryKey({ columns: [t.institution, t.seq] })],
);

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
