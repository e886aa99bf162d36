import { bigint, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { ProxyRelationship } from './proxy.js';

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

/** Who holds the wallet, if it is not the patient. */
const proxyColumns = () => ({
  proxy: text('proxy').$type<ProxyRelationship>(), // HL7 v3 RoleCode; null: the patient's own
  proxyUntil: bigint('proxy_until', { mode: 'number' }).$type<Seconds>(), // majority, exclusive
});

/** A one-time code shown in a patient's own session; only its hash is kept. */
export const linkCode = pgTable('link_code', {
  codeHash: text('code_hash').primaryKey(), // SHA-256, hex
  patientId: text('patient_id').notNull(),
  study: text('study').$type<StudyId>().notNull(),
  expiresAt: bigint('expires_at', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
  usedAt: bigint('used_at', { mode: 'number' }).$type<Seconds>(),
  ...proxyColumns(),
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
    ...proxyColumns(),
  },
  (t) => [
    primaryKey({ columns: [t.study, t.pseudonym] }),
    uniqueIndex('research_subject_study_patient_id_idx').on(t.study, t.patientId),
  ],
);

/**
 * Links that a proxy held and that another has replaced. Nothing is served by them; they stay so that
 * the accounting of disclosures finds the patient, and a key that a proxy knows does not come back.
 */
export const pastSubject = pgTable(
  'past_subject',
  {
    study: text('study').$type<StudyId>().notNull(),
    pseudonym: text('pseudonym').$type<Pseudonym>().notNull(),
    patientId: text('patient_id').notNull(),
    linkedAt: bigint('linked_at', { mode: 'number' }).$type<Seconds>().notNull(),
    endedAt: bigint('ended_at', { mode: 'number' }).$type<Seconds>().notNull(),
    ...proxyColumns(),
  },
  (t) => [primaryKey({ columns: [t.study, t.pseudonym] })],
);
