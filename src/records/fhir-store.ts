import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { type ColumnValues, columnsFrom, listText, valuesOf } from '../store/columns.js';
import { rowsOf, type SqlTransaction } from '../store/database.js';
import { placeByYears } from './coarse-place.js';
import { countDisplays, type SettledWords, wordsOf } from './code-display.js';
import { codeKey } from './fhir-concept.js';
import { labelBitsOf } from './fhir-label.js';
import type { ParsedPatient } from './fhir-patient.js';
import type { ParsedRecord } from './fhir-record.js';
import { type Said, saidIn } from './fhir-walk.js';
import { isKindName } from './kinds.js';
import { momentOf } from './model.js';

/** A resource on its way into the tables, and what of it may leave. */
export interface StorableResource {
  readonly type: string;
  readonly id: string;
  readonly patientId: string | null;
  readonly source: string;
  readonly hash: string;
  readonly json: Resource;
  /** The same as JSON. */
  readonly text: string;
  readonly record: ParsedRecord | undefined;
  readonly patient: ParsedPatient | undefined;
}

/**
 * The rows of a resource, each as its statement takes it, in the order of the columns below: made
 * once, wherever the resource was validated, and handed on without being read again.
 */
export interface ResourceRows {
  readonly type: string;
  readonly id: string;
  readonly patientId: string | null;
  readonly hash: string;
  readonly whole: ColumnValues;
  readonly patient: ColumnValues | undefined;
  readonly record: ColumnValues | undefined;
  /** What its codes are called, which code-display.ts counts; none of what is nobody's. */
  readonly words: readonly string[];
}

/** Rows on their way into the tables. */
export interface PlacedRows extends ResourceRows {
  /** Whether another version of it is stored, whose record must go. */
  readonly replaces: boolean;
}

/** Rows sent in one statement: more of them are no faster, and the statement has to fit in memory. */
const ROWS_IN_STATEMENT = 500;

/** Which of those Patient ids are stored. */
export async function storedPatients(
  tx: SqlTransaction,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const found = await tx.execute(sql`
    SELECT id FROM resource
    WHERE type = 'Patient' AND id IN (SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
  return new Set(rowsOf<{ id: string }>(found).map(({ id }) => id));
}

/** The content hash of each of those resources that is stored, by Type/id. */
export async function storedHashes(
  tx: SqlTransaction,
  keys: readonly { readonly type: string; readonly id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = JSON.stringify(keys.map(({ type, id }) => ({ type, id })));
  const found = await tx.execute(sql`
    SELECT type, id, hash FROM resource
    JOIN jsonb_to_recordset(${wanted}::jsonb) AS wanted(type text, id text) USING (type, id)`);
  const rows = rowsOf<{ type: string; id: string; hash: string }>(found);
  return new Map(rows.map(({ type, id, hash }) => [`${type}/${id}`, hash]));
}

export function resourceRowsOf(resource: StorableResource): ResourceRows {
  const { type, id, patientId, source, hash, text } = resource;
  const said = saidIn(resource.json);
  const record = recordRowOf(resource, said);
  return {
    type,
    id,
    patientId,
    hash,
    whole: valuesOf(WHOLE, { type, id, patient_id: patientId, source, hash, json: text }),
    patient: patientRowOf(resource),
    record,
    // A type that this room answers nothing of has no record, and its codes need no words.
    words: record === undefined ? [] : wordsOf(said),
  };
}

/** Stores new resources and new versions of stored ones, with what may leave of them. */
export async function storeResources(
  tx: SqlTransaction,
  resources: readonly PlacedRows[],
  settled: SettledWords,
): Promise<void> {
  for (let start = 0; start < resources.length; start += ROWS_IN_STATEMENT) {
    const rows = resources.slice(start, start + ROWS_IN_STATEMENT);
    await storeWhole(tx, rows);
    await storePatients(tx, rows);
    await storeRecords(tx, rows);
    await countDisplays(tx, rows.flatMap(displayedOf), settled);
  }
}

function displayedOf({ patientId, words }: PlacedRows) {
  return patientId === null || words.length === 0 ? [] : [{ patientId, words }];
}

const WHOLE = {
  type: 'text',
  id: 'text',
  patient_id: 'text',
  source: 'text',
  hash: 'text',
  json: 'json',
};

async function storeWhole(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ whole }) => whole);
  await tx.execute(sql`
    INSERT INTO resource ${columnsFrom(WHOLE, values)}
    ON CONFLICT (type, id) DO UPDATE SET patient_id = excluded.patient_id,
      source = excluded.source, hash = excluded.hash, json = excluded.json`);
}

const PATIENT = { id: 'text', sex: 'text', birth_year: 'integer', labels: 'bigint' };

async function storePatients(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  const values = rows.flatMap(({ patient }) => (patient === undefined ? [] : [patient]));
  if (values.length === 0) return;
  await tx.execute(sql`
    INSERT INTO patient ${columnsFrom(PATIENT, values)}
    ON CONFLICT (id) DO UPDATE SET sex = excluded.sex, birth_year = excluded.birth_year,
      labels = excluded.labels`);
}

function patientRowOf({ id, patient }: StorableResource): ColumnValues | undefined {
  if (patient === undefined) return undefined;
  const { sex, birthYear, labels } = patient;
  return valuesOf(PATIENT, { id, sex, birth_year: birthYear, labels });
}

const RECORD = {
  type: 'text',
  id: 'text',
  patient_id: 'text',
  at_seconds: 'bigint',
  from_seconds: 'bigint',
  until_seconds: 'bigint',
  year_at_seconds: 'bigint',
  year_from_seconds: 'bigint',
  year_until_seconds: 'bigint',
  labels: 'bigint',
  codes: 'text[]',
  categories: 'text[]',
  measured: 'jsonb',
  content: 'json',
};

async function storeRecords(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  await removeRecords(tx, rows);
  const values = rows.flatMap(({ record }) => (record === undefined ? [] : [record]));
  if (values.length === 0) return;
  await tx.execute(sql`INSERT INTO clinical_record ${columnsFrom(RECORD, values)}`);
}

/** Also where the new version has no record, because it was entered in error. */
async function removeRecords(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  const replaced = rows.flatMap(({ type, id, replaces }) =>
    replaces && isKindName(type) ? [{ type, id }] : [],
  );
  if (replaced.length === 0) return;
  await tx.execute(sql`
    DELETE FROM clinical_record USING jsonb_to_recordset(${JSON.stringify(replaced)}::jsonb)
      AS gone(type text, id text)
    WHERE clinical_record.type = gone.type AND clinical_record.id = gone.id`);
}

function recordRowOf(
  { type, id, patientId, json, record }: StorableResource,
  said: Said,
): ColumnValues | undefined {
  if (record === undefined || patientId === null) return undefined;
  const { content, span, codes, categories, values } = record;
  const byYears = placeByYears(record);
  return valuesOf(RECORD, {
    type,
    id,
    patient_id: patientId,
    at_seconds: momentOf(content),
    from_seconds: span.from,
    until_seconds: span.until,
    year_at_seconds: byYears.at,
    year_from_seconds: byYears.from,
    year_until_seconds: byYears.until,
    labels: labelBitsOf(json, said),
    codes: listText(codes.map(codeKey)),
    categories: listText(categories),
    measured: JSON.stringify(values ?? []),
    content: JSON.stringify(content),
  });
}
