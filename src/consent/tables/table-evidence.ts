import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../../core/bytes32.js';
import type { EvidenceKind, EvidenceLog } from '../../core/evidence/evidence.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/**
 * One row per thing that this institution cannot take back. Append only; what it says stands with
 * its owner (a disclosure, a trial, an event), which names it by its leaf.
 */
export const evidenceEntry = pgTable(
  'evidence_entry',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    log: text('log').$type<EvidenceLog>().notNull(),
    kind: text('kind').$type<EvidenceKind>().notNull(),
    leaf: text('leaf').$type<Bytes32>().notNull(),
    salt: text('salt').$type<Bytes32>(), // null: erased
    position: bigint('position', { mode: 'number' }), // in the log, from 0; null until sealed
  },
  (t) => [
    uniqueIndex('evidence_entry_leaf_idx').on(t.leaf),
    index('evidence_entry_unsealed_idx').on(t.log, t.id).where(sql`position IS NULL`),
  ],
);

/**
 * The logs' trees: 256 hashes of one level a row, so that a proof reads a row for every eight levels.
 * Level 0 has the leaves, each further one a hash for every full row below.
 */
export const evidenceTile = pgTable(
  'evidence_tile',
  {
    log: text('log').$type<EvidenceLog>().notNull(),
    level: integer('level').notNull(),
    number: bigint('number', { mode: 'number' }).notNull(), // its place in the level, from 0
    hashes: text('hashes').notNull(), // 64 hexadecimal digits each, without separators
  },
  (t) => [primaryKey({ columns: [t.log, t.level, t.number] })],
);

/** What each head in a digest hides, kept so that it can be opened. */
export const evidenceHead = pgTable(
  'evidence_head',
  {
    log: text('log').$type<EvidenceLog>().notNull(),
    head: text('head').$type<Bytes32>().notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    root: text('root').$type<Bytes32>().notNull(),
    salt: text('salt').$type<Bytes32>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.log, t.head] }),
    index('evidence_head_log_size_idx').on(t.log, t.size),
  ],
);

/** The newest tree of each other institution that this one has seen anchored: what must not shrink. */
export const evidenceSeen = pgTable(
  'evidence_seen',
  {
    institution: text('institution').$type<InstitutionId>().notNull(), // whose log
    log: text('log').$type<EvidenceLog>().notNull(),
    digest: text('digest').$type<Bytes32>().notNull(), // under which it was anchored
    size: bigint('size', { mode: 'number' }).notNull(),
    root: text('root').$type<Bytes32>().notNull(),
    seenAt: bigint('seen_at', { mode: 'number' }).$type<Seconds>().notNull(),
    term: integer('term').notNull(), // how often governance had given it keys then
    brokenBy: text('broken_by').$type<Bytes32>(), // a later digest whose tree does not continue this
  },
  (t) => [primaryKey({ columns: [t.institution, t.log] })],
);

/**
 * Every tree of another institution that this one has seen anchored: a log that begins again from a
 * backup must still begin with the newest of them that is no longer than the backup.
 */
export const evidenceSeenTree = pgTable(
  'evidence_seen_tree',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    log: text('log').$type<EvidenceLog>().notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    root: text('root').$type<Bytes32>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.log, t.size] })],
);

/** Logs of other institutions that ended and began again behind entries now lost. Kept for ever. */
export const evidenceGap = pgTable(
  'evidence_gap',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    log: text('log').$type<EvidenceLog>().notNull(),
    term: integer('term').notNull(), // of the keys that governance gave it for that
    kept: bigint('kept', { mode: 'number' }).notNull(), // entries that the new log begins with
    ended: bigint('ended', { mode: 'number' }).notNull(), // entries of the old log, as seen here
    digest: text('digest').$type<Bytes32>().notNull(), // the last of the old log
    signature: text('signature').notNull(), // by the account of that term, over the succession
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.log, t.term] })],
);
