import {
  bigint,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { ProxyRelationship } from '../base/proxy.js';

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

/**
 * A one-time code shown in a patient's session, and the key that answered it, which is linked only
 * once the patient has confirmed it there. The code itself is made of `salt` and a key outside the
 * database: a copy of the database answers none.
 */
export const linkCode = pgTable(
  'link_code',
  {
    codeId: text('code_id').primaryKey(), // linkCodeId, hex
    salt: text('salt').notNull(),
    patientId: text('patient_id').notNull(),
    study: text('study').$type<StudyId>().notNull(),
    expiresAt: bigint('expires_at', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
    wrongSignatures: integer('wrong_signatures').notNull().default(0),
    pseudonym: text('pseudonym').$type<Pseudonym>(), // of the key that answered
    keyX: text('key_x'),
    keyY: text('key_y'),
    answeredAt: bigint('answered_at', { mode: 'number' }).$type<Seconds>(),
    confirmedAt: bigint('confirmed_at', { mode: 'number' }).$type<Seconds>(),
    ...proxyColumns(),
  },
  (t) => [index('link_code_pseudonym_idx').on(t.pseudonym)],
);

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
