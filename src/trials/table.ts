import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Bytes32 } from '../core/bytes32.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import type { Trial, TrialStatus } from './model.js';

/** One row per registered trial, at the version imported last. */
export const trial = pgTable(
  'trial',
  {
    id: text('id').$type<StudyId>().primaryKey(),
    /** SHA-256 of `record` and its sites: importing the same again changes nothing. */
    contentHash: text('content_hash').notNull(),
    updated: text('updated'), // when the registry last posted it, YYYY-MM-DD; null if unknown
    status: text('status').$type<TrialStatus>().notNull(),
    phases: text('phases').array().notNull(),
    /** Conditions and keywords in lower case, one per line, for the condition filter. */
    searched: text('searched').notNull(),
    record: jsonb('record').$type<Omit<Trial, 'sites'>>().notNull(),
    leaf: text('leaf').$type<Bytes32>(), // in the evidence log; null: imported before the log existed
  },
  (t) => [index('trial_status_idx').on(t.status)],
);

/** One row per location, separate from the record, because an institution asks for its own. */
export const site = pgTable(
  'site',
  {
    trialId: text('trial_id').$type<StudyId>().notNull(),
    ordinal: integer('ordinal').notNull(), // its place in the registry record, from 0
    facility: text('facility'),
    city: text('city'),
    country: text('country'),
    institution: text('institution').$type<InstitutionId>(),
  },
  (t) => [
    primaryKey({ columns: [t.trialId, t.ordinal] }),
    index('site_institution_idx').on(t.institution),
  ],
);
