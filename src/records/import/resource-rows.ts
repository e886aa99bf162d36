import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import {
  type Columns,
  type ColumnValues,
  columnsFrom,
  columnsOf,
  listText,
  valuesOf,
} from '../../store/columns.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { saidIn } from '../codes/said.js';
import { codeKey } from '../deidentify/concept.js';
import { localCodesIn } from '../deidentify/terminology.js';
import { nameKey, type PatientName, type ResourceName } from '../identity/server.js';
import { isKindName } from '../kinds/kinds.js';
import type { ParsedRecord } from '../kinds/record.js';
import { countDisplays, displayWordsOf, type SettledWords } from '../labels/code-display.js';
import { encounterOf } from '../labels/encounters.js';
import { labelBitsOf } from '../labels/label.js';
import { type HeldResource, heldBy } from '../labels/links.js';
import { readMedicines } from '../labels/medicines.js';
import { namesOfOthers } from '../labels/other-patients.js';
import { keepLinks } from '../labels/spread.js';
import { momentOf } from '../model/model.js';
import { clinicalRecord, patient, resource } from '../tables/table.js';
import {
  type IdentifierDigest,
  identifiersOf,
  keepIdentifiers,
} from './conditional/identifiers.js';
import type { ParsedPatient } from './patient.js';
import { placeByYears } from './place-by-years.js';
import type { StoredVersion } from './version/decide.js';
import type { Version } from './version/version.js';

/** A resource to be stored, and what of it may be released. */
export interface StorableResource {
  readonly name: ResourceName;
  /** The patient it belongs to. */
  readonly subject: PatientName | null;
  readonly source: string;
  /** Hash of its content without its version. */
  readonly hash: string;
  readonly version: Version;
  readonly json: Resource;
  /** The same as JSON. */
  readonly text: string;
  readonly record: ParsedRecord | undefined;
  readonly patient: ParsedPatient | undefined;
}

/**
 * The rows of a resource, in the order of the columns below. They are made once, in the thread that
 * validated the resource, and passed on without being parsed again.
 */
export interface ResourceRows {
  readonly name: ResourceName;
  readonly subject: PatientName | null;
  readonly source: string;
  readonly hash: string;
  readonly version: Version;
  /** Without the ids of resource and patient, which placedRow adds. */
  readonly whole: ColumnValues;
  readonly patient: ColumnValues | undefined;
  readonly record: ColumnValues | undefined;
  readonly held: readonly HeldResource[];
  /** Its own labels, one bit each. */
  readonly labels: number;
  readonly identifiers: readonly IdentifierDigest[];
  readonly encounter: ResourceName | undefined;
  /** Number of codes that its row leaves out. */
  readonly localCodes: number;
  /** Display words of its codes, which code-display.ts counts; empty if it belongs to nobody. */
  readonly words: readonly string[];
}

/** Rows to be stored, with their ids. */
export interface PlacedRows extends ResourceRows {
  /** Its id in the tables. */
  readonly id: string;
  /** patient_key.key of the patient it belongs to. */
  readonly patientId: string | null;
  /** Whether an older version is stored, whose record must be deleted. */
  readonly replaces: boolean;
}

/** Rows per statement: more are no faster, and the statement must fit in memory. */
const ROWS_IN_STATEMENT = 500;

/** The stored version of each of these resources that is stored or was deleted, by nameKey. */
export async function storedStates(
  tx: SqlTransaction,
  names: readonly ResourceName[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  if (names.length === 0) return new Map();
  const wanted = JSON.stringify(names.map(({ server, type, id }) => ({ server, type, id })));
  const found = await tx.execute(sql`
    SELECT server, type, id, source, hash, version_id, updated, deleted FROM resource
    JOIN jsonb_to_recordset(${wanted}::jsonb) AS wanted(server text, type text, id text)
      USING (server, type, id)`);
  const rows = rowsOf<StateRow>(found);
  return new Map(
    rows.map(({ version_id: id, updated, source, hash, deleted, ...name }) => [
      nameKey(name),
      { source, hash, deleted, version: { id, updated } },
    ]),
  );
}

type StateRow = ResourceName &
  Omit<StoredVersion, 'version'> & {
    readonly version_id: string | null;
    readonly updated: string | null;
  };

export function resourceRowsOf(resource: StorableResource): ResourceRows {
  const { name, subject, source, hash, version, text } = resource;
  const said = saidIn(resource.json);
  const labels = labelBitsOf(resource.json, said);
  const record = recordRowOf(resource, labels);
  const { server, type } = name;
  const whole = valuesOf(WHOLE, {
    server,
    type,
    id: null,
    patient_id: null,
    source,
    hash,
    json: text,
    version_id: version.id,
    updated: version.updated,
    deleted: 'false',
    labels,
  });
  return {
    name,
    subject,
    source,
    hash,
    version,
    whole,
    record,
    patient: patientRowOf(resource),
    held: heldBy(resource.json, name),
    labels,
    identifiers: identifiersOf(resource.json),
    encounter: encounterOf(resource.json, name),
    localCodes: record === undefined ? 0 : localCodesIn(said, resource.json.meta),
    // A type without rows has no record, and its codes need no display words.
    words: record === undefined ? [] : displayWordsOf(said),
  };
}

/** A row completed with the ids that only the database knows. */
function placedRow(
  columns: Columns,
  row: ColumnValues,
  ids: Readonly<Record<string, string | null>>,
): ColumnValues {
  const placed = [...row];
  const names = Object.keys(columns);
  for (const [name, id] of Object.entries(ids)) placed[names.indexOf(name)] = id;
  return placed;
}

/**
 * Stores new resources and new versions of stored ones, with what may be released of them.
 *
 * @returns notes for the report, one per resource that has one.
 */
export async function storeResources(
  tx: SqlTransaction,
  resources: readonly PlacedRows[],
  settled: SettledWords,
): Promise<readonly string[]> {
  const noted: string[] = [];
  for (let start = 0; start < resources.length; start += ROWS_IN_STATEMENT) {
    const rows = resources.slice(start, start + ROWS_IN_STATEMENT);
    await storeWhole(tx, rows);
    await storePatients(tx, rows);
    await storeRecords(tx, rows);
    await keepIdentifiers(tx, rows);
    noted.push(...(await namesOfOthers(tx, rows)));
    await keepLinks(tx, rows);
    const medicines = await readMedicines(tx, rows.filter(namesMedicine).map(nameOf));
    await countDisplays(tx, [...rows.flatMap(displayedOf), ...medicines], settled);
  }
  return noted;
}

function nameOf({ name }: PlacedRows): ResourceName {
  return name;
}

function namesMedicine({ name, held }: PlacedRows): boolean {
  return name.type === 'Medication' || held.some((one) => one.name.type === 'Medication');
}

function displayedOf({ patientId, words }: PlacedRows) {
  return patientId === null || words.length === 0 ? [] : [{ patientId, words }];
}

const WHOLE = columnsOf(resource);

async function storeWhole(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ whole, id, patientId }) =>
    placedRow(WHOLE, whole, { id, patient_id: patientId }),
  );
  await tx.execute(sql`
    INSERT INTO ${resource} ${columnsFrom(WHOLE, values)}
    ON CONFLICT (type, id, server) DO UPDATE SET patient_id = excluded.patient_id,
      source = excluded.source, hash = excluded.hash, version_id = excluded.version_id,
      updated = excluded.updated, deleted = false, labels = excluded.labels, json = excluded.json`);
}

const PATIENT = columnsOf(patient);

async function storePatients(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  const values = rows.flatMap(({ patient, patientId }) =>
    patient === undefined ? [] : [placedRow(PATIENT, patient, { id: patientId })],
  );
  if (values.length === 0) return;
  await tx.execute(sql`
    INSERT INTO ${patient} ${columnsFrom(PATIENT, values)}
    ON CONFLICT (id) DO UPDATE SET sex = excluded.sex, birth_year = excluded.birth_year,
      labels = excluded.labels`);
}

function patientRowOf({ patient }: StorableResource): ColumnValues | undefined {
  if (patient === undefined) return undefined;
  const { sex, birthYear, labels } = patient;
  return valuesOf(PATIENT, { id: null, sex, birth_year: birthYear, labels });
}

const RECORD = columnsOf(clinicalRecord);

async function storeRecords(tx: SqlTransaction, rows: readonly PlacedRows[]): Promise<void> {
  await removeRecords(tx, replacedOf(rows));
  const values = rows.flatMap(({ record, id, patientId }) =>
    record === undefined ? [] : [placedRow(RECORD, record, { id, patient_id: patientId })],
  );
  if (values.length === 0) return;
  await tx.execute(sql`INSERT INTO ${clinicalRecord} ${columnsFrom(RECORD, values)}`);
}

/** Included are those whose new version has no record, because it was entered in error. */
function replacedOf(rows: readonly PlacedRows[]): readonly ResourceName[] {
  return rows.flatMap(({ name, id, replaces }) => (replaces ? [{ ...name, id }] : []));
}

/** Deletes the records of those resources, so that nothing of them is released. */
export async function removeRecords(
  tx: SqlTransaction,
  names: readonly ResourceName[],
): Promise<void> {
  const gone = names.filter(({ type }) => isKindName(type));
  if (gone.length === 0) return;
  await tx.execute(sql`
    DELETE FROM clinical_record AS row USING jsonb_to_recordset(${JSON.stringify(gone)}::jsonb)
      AS gone(server text, type text, id text)
    WHERE row.type = gone.type AND row.id = gone.id AND row.server = gone.server`);
}

function recordRowOf(
  { name, subject, record }: StorableResource,
  labels: number,
): ColumnValues | undefined {
  if (record === undefined || subject === null) return undefined;
  const { content, span, codes, categories, values } = record;
  const byYears = placeByYears(record);
  return valuesOf(RECORD, {
    server: name.server,
    type: name.type,
    id: null,
    patient_id: null,
    at_seconds: momentOf(content),
    from_seconds: span.from,
    until_seconds: span.until,
    year_at_seconds: byYears.at,
    year_from_seconds: byYears.from,
    year_until_seconds: byYears.until,
    labels,
    codes: listText(codes.map(codeKey)),
    categories: listText(categories),
    measured: JSON.stringify(values ?? []),
    content: JSON.stringify(content),
  });
}
