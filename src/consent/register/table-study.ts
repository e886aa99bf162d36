import { bigint, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/** A study this node knows: any other is refused, so that a typing error opens nothing. */
export const study = pgTable(
  'study',
  {
    id: text('id').$type<StudyId>().primaryKey(), // its registry id
    sponsor: text('sponsor').$type<InstitutionId>().notNull(),
    field: text('field').notNull(), // studyField(network, sponsor, id), canonical decimal
    title: text('title').notNull(),
  },
  (t) => [uniqueIndex('study_field_idx').on(t.field)],
);

/** A one-time code shown in a patient's own session; only its hash is kept. */
export const linkCode = pgTable('link_code', {
  codeHash: text('code_hash').primaryKey(), // SHA-256, hex
  patientId: text('patient_id').notNull(),
  study: text('study').$type<StudyId>().notNull(),
  expiresAt: bigint('expires_at', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
  usedAt: bigint('used_at', { mode: 'number' }).$type<Seconds>(),
});

/**
 * Which patient of this institution a study's pseudonym is. The most guarded table of a node:
 * the domain rooms join it by SQL and never let patient_id leave.
 */
export const researchSubject = pgTable(
  'research_subject',
  {
    study: text('study').$type<StudyId>().notNull(),
    pseudonym: text('pseudonym').$type<Pseudonym>().notNull(),
    patientId: text('patient_id').notNull(),
    linkedAt: bigint('linked_at', { mode: 'number' }).$type<Seconds>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.study, t.pseudonym] }),
    uniqueIndex('research_subject_study_patient_id_idx').on(t.study, t.patientId),
  ],
);
