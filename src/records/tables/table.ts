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
 * Every imported FHIR resource, in full and unchanged except that its references are resolved. For
 * one that was deleted at its source, the version is kept, so that an older file does not bring it
 * back.
 */
export const resource = pgTable(
  'resource',
  {
    server: text('server').notNull(), // base URL of the server that assigned the id; '' for the unnamed
    type: text('type').notNull(),
    id: text('id').notNull(),
    patientId: text('patient_id'), // patient_key.key of the patient whose compartment it is in; or null
    source: text('source').notNull(), // the file or system that it came from
    // SHA-256 of its canonical JSON without versionId and lastUpdated: equal content is no change.
    hash: text('hash').notNull(),
    versionId: text('version_id'), // meta.versionId
    updated: text('updated'), // meta.lastUpdated or when it was deleted, in UTC: sorts as text
    deleted: boolean('deleted').notNull(),
    // Sensitivity bits, from bit 0, of its own content; clinical_record has those from linked ones
    // too.
    labels: bigint('labels', { mode: 'number' }).notNull().default(0),
    // Only the checks before a patient is linked look into it.
    json: json('json').notNull(),
  },
  (t) => [primaryKey({ columns: [t.type, t.id, t.server] })],
);

/** What may be released of a Patient: this table has no name, address or identifier. */
export const patient = pgTable('patient', {
  id: text('id').primaryKey(), // patient_key.key
  sex: text('sex'),
  birthYear: integer('birth_year'),
  labels: bigint('labels', { mode: 'number' }).notNull(), // as in clinical_record
});

/**
 * What may be released of a resource, parsed once at import. One table for all kinds, so that one
 * statement answers any kind for any number of participants.
 */
export const clinicalRecord = pgTable(
  'clinical_record',
  {
    server: text('server').notNull(), // as in resource
    type: text('type').notNull(), // the FHIR resource type, which names its kind
    id: text('id').notNull(), // the resource's id; it never leaves as it is
    patientId: text('patient_id').notNull(), // patient_key.key
    atSeconds: bigint('at_seconds', { mode: 'number' }).notNull(), // its place in the order
    // Every date in the row is in [from, until): a data window must cover all of it.
    fromSeconds: bigint('from_seconds', { mode: 'number' }).notNull(),
    untilSeconds: bigint('until_seconds', { mode: 'number' }).notNull(),
    // The same three if the permit does not grant EXACT_DATE: by years, none before 1901, so that 0
    // means no date. See import/place-by-years.ts.
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

/** Which patients' records have which words for a code, until enough do: see code-display.ts. */
export const codeDisplay = pgTable(
  'code_display',
  {
    code: text('code').notNull(), // 'system|code'
    display: text('display').notNull(),
    patientId: text('patient_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.code, t.display, t.patientId] })],
);

/** The words that a code is shown with, once enough patients' records have them. */
export const codeWord = pgTable('code_word', {
  code: text('code').primaryKey(), // 'system|code'
  display: text('display').notNull(),
});
