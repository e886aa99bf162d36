import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../src/consent/gate/permit.js';
import { researchSubject } from '../../src/consent/tables/table-study.js';
import { clockOf } from '../../src/core/clock.js';
import { toInstitutionId, toPseudonym } from '../../src/core/ids.js';
import { readJsonFile } from '../../src/core/import/json-file.js';
import { DatabaseRecords } from '../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../src/records/answers/subgraph.js';
import { importPath } from '../../src/records/import/import-path.js';
import { isKindName } from '../../src/records/kinds/kinds.js';
import { RECORD_CLASSES } from '../../src/records/model/model.js';
import { type Database, type DatabaseServer, rowsOf } from '../../src/store/database.js';
import { UNPROVEN_STUDY } from '../support/names.js';
import { NOW, participantKeys, permit } from '../support/records/clinic.js';
import { everythingOf } from '../support/records/everything.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const folder = join(process.env.ASSENT_CORPORA ?? 'no-corpora', 'fhir-synthea');
const present = existsSync(folder);
if (!present) console.warn('SKIPPED: ASSENT_CORPORA names no folder with fhir-synthea');

describe.skipIf(!present)('real Synthea bundles', () => {
  let server: DatabaseServer;
  let db: Database;
  beforeAll(async () => {
    server = await openFreshPglite();
    db = await server.open('riverside-hospital');
  });
  afterAll(() => server.close());

  test('import whole, every resource of every type, and again is no change', async () => {
    const reports = await importPath(db, folder);
    expect(
      reports.flatMap(({ file, refused }) => refused.map(({ code }) => `${file} ${code}`)),
    ).toEqual(['LICENSE.smart-on-fhir.txt FILE_SKIPPED']);
    expect(reports.length).toBeGreaterThanOrEqual(12);
    const entries = reports.reduce((sum, { taken, unchanged }) => sum + taken + unchanged, 0);
    expect(entries).toBeGreaterThanOrEqual(1_707);
    const again = await importPath(db, folder);
    const data = again.filter(({ file }) => !file.startsWith('LICENSE'));
    expect(data.every(({ taken, refused }) => taken === 0 && refused.length === 0)).toBe(true);
    const stored = await countsByType(db, 'resource');
    const rows = await countsByType(db, 'clinical_record');
    const supported = [...stored.keys()].filter(isKindName);
    expect(supported.length).toBeGreaterThanOrEqual(8);
    for (const type of supported) expect([type, rows.get(type)]).toEqual([type, stored.get(type)]);
    const uncoded = await db.transaction((tx) =>
      tx.execute("SELECT type, id FROM clinical_record WHERE codes = '{}'"),
    );
    expect(rowsOf(uncoded)).toEqual([]);
    const measured = await db.transaction((tx) =>
      tx.execute('SELECT sum(jsonb_array_length(measured))::int AS n FROM clinical_record'),
    );
    expect(rowsOf<{ n: number }>(measured)[0]?.n).toBeGreaterThanOrEqual(843);
  });

  test('do not reveal whom they are about, who wrote them, or when', async () => {
    const resources = await allResources();
    const patients = resources.filter((one): one is Patient => one.resourceType === 'Patient');
    const exact = await readAll(patients, true);
    const coarse = await readAll(patients, false);
    expect(exact.length).toBeGreaterThan(100_000);
    expect(identifying(resources).filter((value) => tells(exact, value))).toEqual([]);
    // With exact dates, what was recorded on the day of a birth has that day's date.
    const births = patients.map(({ birthDate = '' }) => birthDate);
    expect(births.filter((value) => tells(coarse, value))).toEqual([]);
    const days = coarse.match(/\d{4}-\d{2}-\d{2}[^"]*/g) ?? [];
    expect(days.filter((day) => !day.endsWith('-01-01T00:00:00.000Z'))).toEqual([]);
    expect(exact).toMatch(/"recorded":"\d{4}-\d{2}-\d{2}"/);
  });

  async function allResources(): Promise<readonly Resource[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    const bundles = await Promise.all(names.map((name) => readJsonFile(join(folder, name))));
    return (bundles as Bundle[]).flatMap(({ entry = [] }) =>
      entry.flatMap(({ resource }) => (resource === undefined ? [] : [resource])),
    );
  }

  async function readAll(patients: readonly Patient[], exact: boolean): Promise<string> {
    const records = new DatabaseRecords({
      db,
      institution: toInstitutionId('riverside-hospital'),
      nodeIdKey: Buffer.alloc(32, 1),
      clock: clockOf(() => NOW),
    });
    const schema = recordsSubgraph(records);
    const rows = patients.map(({ id = '' }, i) => ({
      study: UNPROVEN_STUDY,
      pseudonym: toPseudonym(String(i + 1)),
      patientId: id,
      linkedAt: 0,
    }));
    await db.transaction(async (tx) => {
      await tx.insert(researchSubject).values(rows).onConflictDoNothing();
    });
    const dataClasses = RECORD_CLASSES.filter((one) => exact || one !== 'EXACT_DATE');
    const labels = ['PSY', 'SUD', 'HIV', 'SDV', 'GDIS'] as const;
    const permits = rows.map(({ pseudonym }) => permit({ pseudonym, dataClasses, labels }));
    const { data, errors } = await graphql({
      schema,
      source: everythingOf(schema),
      variableValues: participantKeys(...rows.map(({ pseudonym }) => pseudonym)),
      contextValue: { opened: PermitSet.mint(permits, []), requestId: 'test' },
    });
    expect(errors).toBeUndefined();
    return JSON.stringify(data);
  }
});

async function countsByType(db: Database, table: 'resource' | 'clinical_record') {
  const found = await db.transaction((tx) =>
    tx.execute(`SELECT type, count(*)::int AS n FROM ${table} GROUP BY type`),
  );
  return new Map(rowsOf<{ type: string; n: number }>(found).map(({ type, n }) => [type, n]));
}

/** Every text of those resources that names a person, a place, a number or another resource. */
function identifying(resources: readonly Resource[]): readonly string[] {
  const values = new Set<string>();
  const take = (value: unknown) => {
    // A text as short as "Lynn, MA" or a house number would be found within other words.
    if (typeof value === 'string' && value.length >= 5) values.add(value);
  };
  for (const resource of resources) {
    take(resource.id);
    for (const [key, value] of membersOf(resource)) {
      if (NAMING.has(key)) take(value);
      if (key === 'reference' && typeof value === 'string') take(value.split(/[/:]/).at(-1));
    }
    if (['Practitioner', 'Organization', 'Location'].includes(resource.resourceType)) {
      take((resource as { name?: unknown }).name);
    }
  }
  return [...values];
}

/** As a whole, not as the digits of a measured value. */
function tells(answer: string, value: string): boolean {
  if (!answer.includes(value)) return false;
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.])${literal}(?!\\w)`).test(answer);
}

const NAMING = new Set([
  ...['family', 'line', 'city', 'postalCode', 'value', 'udiCarrier', 'deviceIdentifier'],
  ...['distinctIdentifier', 'serialNumber', 'lotNumber', 'reference', 'div', 'valueString'],
]);

function* membersOf(value: unknown): Generator<readonly [string, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    if (Array.isArray(value)) yield* membersOf(one);
    else {
      if (Array.isArray(one)) for (const item of one) yield [key, item];
      else yield [key, one];
      yield* membersOf(one);
    }
  }
}
