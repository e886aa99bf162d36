import {
  bigint,
  boolean,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';

/**
 * Every FHIR resource that was taken, whole, as it came but with its references resolved. Of one that
 * was deleted at its source stays what tells its versions apart, so that an older file does not
 * bring it back.
 */
export const resource = pgTable(
  'resource',
  {
    server: text('server').notNull(), // base URL of the server whose id it is; '' for the unnamed
    type: text('type').notNull(),
    id: text('id').notNull(),
    patientId: text('patient_id'), // patient_key.key of whose compartment it is in; or null
    source: text('source').notNull(), // the file or system that it came from
    // SHA-256 of its canonical JSON but for versionId and lastUpdated: the same again is no change.
    hash: text('hash').notNull(),
    versionId: text('version_id'), // meta.versionId
    updated: text('updated'), // meta.lastUpdated or when it was deleted, in UTC: sorts as text
    deleted: boolean('deleted').notNull(),
    // Sensitivity bits, from bit 0, of what it says itself; what it holds or is held by: clinical_record.
    labels: bigint('labels', { mode: 'number' }).notNull().default(0),
    // No statement looks into it but for what is asked before a patient is linked.
    json: json('json').notNull(),
  },
  (t) => [primaryKey({ columns: [t.type, t.id, t.server] })],
);

/** What may leave of a Patient: no name, no address, no identifier is in this table. */
export const patient = pgTable('patient', {
  id: text('id').primaryKey(), // patient_key.key
  sex: text('sex'),
  birthYear: integer('birth_year'),
  labels: bigint('labels', { mode: 'number' }).notNull(), // as in clinical_record
});

/**
 * What may leave of a dated resource, parsed once at import: one table for all kinds, so that
 * one statement answers any kind for any number of participants.
 */
export const clinicalRecord = pgTable(
  'clinical_record',
  {
    server: text('server').notNull(), // as in resource
    type: text('type').notNull(), // the FHIR resource type, which names its kind
    id: text('id').notNull(), // the resource's id; it never leaves as it is
    patientId: text('patient_id').notNull(), // patient_key.key
    atSeconds: bigint('at_seconds', { mode: 'number' }).notNull(), // its place in the order
    // Every date that the row tells of lies in [from, until): a data window must cover all of it.
    fromSeconds: bigint('from_seconds', { mode: 'number' }).notNull(),
    untilSeconds: bigint('until_seconds', { mode: 'number' }).notNull(),
    // The same three as the row shows them where its permit grants no EXACT_DATE: by years, with
    // nothing before 1901, so that 0 is what has no date. See coarse-place.ts.
    yearAtSeconds: bigint('year_at_seconds', { mode: 'number' }).notNull(),
    yearFromSeconds: bigint('year_from_seconds', { mode: 'number' }).notNull(),
    yearUntilSeconds: bigint('year_until_seconds', { mode: 'number' }).notNull(),
    labels: bigint('labels', { mode: 'number' }).notNull(), // its own and others': labels/spread.ts
    codes: text('codes').array().notNull(), // 'system|code'
    categories: text('categories').array().notNull(), // codes alone
    measured: jsonb('measured').notNull(), // what value filters look at: a list of MeasuredValue
    content: json('content').notNull(), // its kind's content, as in kinds.ts; read whole
  },
  (t) => [
    primaryKey({ columns: [t.type, t.id, t.server] }),
    index('clinical_record_patient_id_idx').on(t.patientId, t.type, t.atSeconds),
  ],
);

/** Whose records carry which words for a code, until enough do: see code-display.ts. */
export const codeDisplay = pgTable(
  'code_display',
  {
    code: text('code').notNull(), // 'system|code'
    display: text('display').notNull(),
    patientId: text('patient_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.code, t.display, t.patientId] })],
);

/** The words that a code is shown with, from when enough patients' records carry them. */
export const codeWord = pgTable('code_word', {
  code: text('code').primaryKey(), // 'system|code'
  display: text('display').notNull(),
});
