import { index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';

/**
 * One row per patient of each server, kept for ever: the key by which the other tables and the
 * links of pseudonyms know the patient. A key is never given to a second patient.
 */
export const patientKey = pgTable(
  'patient_key',
  {
    server: text('server').notNull(),
    id: text('id').notNull(), // of the Patient there
    key: text('key').notNull(), // the id, or the URL if another server's patient has that id
  },
  (t) => [primaryKey({ columns: [t.server, t.id] }), uniqueIndex('patient_key_key_idx').on(t.key)],
);

/** One row per id of more than R4's 64 characters, where an import was asked to keep such ids. */
export const longId = pgTable(
  'long_id',
  {
    server: text('server').notNull(),
    type: text('type').notNull(),
    longId: text('long_id').notNull(), // as the server has it
    id: text('id').notNull(), // as the other tables have it: a random UUID
  },
  (t) => [
    primaryKey({ columns: [t.server, t.type, t.longId] }),
    uniqueIndex('long_id_id_idx').on(t.id),
  ],
);

/** What Patients say about merges: who was replaced, and by whom. */
export const patientMerge = pgTable(
  'patient_merge',
  {
    saidBy: text('said_by').notNull(), // patient_key.key, as the others
    replaced: text('replaced').notNull(),
    survivor: text('survivor').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.saidBy, t.replaced, t.survivor] }),
    index('patient_merge_replaced_idx').on(t.replaced),
    index('patient_merge_survivor_idx').on(t.survivor),
  ],
);

/**
 * One row per replaced patient: who survives at the end of the chain, derived from patient_merge.
 */
export const mergedPatient = pgTable(
  'merged_patient',
  {
    id: text('id').primaryKey(), // patient_key.key
    survivor: text('survivor').notNull(),
  },
  (t) => [index('merged_patient_survivor_idx').on(t.survivor)],
);
