import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_ENDS } from '../../../src/core/import/import-report.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import { importPath } from '../../../src/records/import/import-path.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import { collection, condition, observation, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
});
beforeEach(() => db.transaction((tx) => tx.execute('TRUNCATE resource, patient, clinical_record')));
afterAll(() => server.close());

const take = (json: unknown) => importBundle(db, json, { source: 'test.json' });

async function count(table: 'resource' | 'clinical_record' | 'patient'): Promise<number> {
  const found = await db.transaction((tx) => tx.execute(`SELECT count(*)::int AS n FROM ${table}`));
  return (found as unknown as { rows: { n: number }[] }).rows[0]?.n ?? -1;
}

describe('a bundle', () => {
  test('is taken whole, and the same again changes nothing', async () => {
    const bundle = collection(patient('ana'), condition('c', 'ana'), observation('o', 'ana'));
    const ends = { ...NO_ENDS, file: 'test.json', refused: [] };
    expect(await take(bundle)).toEqual({ ...ends, taken: 3 });
    expect(await take(bundle)).toEqual({ ...ends, unchanged: 3 });
    expect(await count('clinical_record')).toBe(2);
  });

  test('a changed resource replaces the one before it', async () => {
    await take(collection(patient('ana'), condition('c', 'ana'), observation('o', 'ana')));
    const again = await take(collection(condition('c', 'ana', { recordedDate: '2025-01-01' })));
    expect(again).toMatchObject({ taken: 1, unchanged: 0 });
    expect(await count('clinical_record')).toBe(2);
    await take(collection(observation('o', 'ana', { status: 'entered-in-error' })));
    expect(await count('clinical_record')).toBe(1);
    expect(await count('resource')).toBe(3);
  });

  test('refuses what does not conform by its place and element, and takes the rest', async () => {
    const bad = observation('o', 'ana', { status: undefined, surprise: 1 });
    const { taken, refused } = await take(collection(patient('ana'), bad, condition('c', 'ana')));
    expect(taken).toBe(2);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({
      path: 'entry[1].resource (Observation/o)',
      code: 'FHIR_INVALID',
    });
    expect(refused[0]?.detail).toContain('Observation.status');
    expect(refused[0]?.detail).toContain('Observation.surprise');
  });

  test('a defect is told without its value', async () => {
    const bad = observation('o', 'ana', { effectiveDateTime: 'Secretname was here' });
    const { refused } = await take(collection(patient('ana'), bad));
    expect(refused[0]?.code).toBe('FHIR_INVALID');
    expect(JSON.stringify(refused)).not.toContain('Secretname');
  });

  test('references by urn:uuid become stored ids, also with POST and without an id', async () => {
    const urn = 'urn:uuid:018f428e-34f6-4707-8009-5ad742f901e7';
    const { id: _, ...anonymous } = patient('x');
    const report = await take({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: condition('c', 'x', { subject: { reference: urn } }),
          request: { method: 'POST' },
        },
        { fullUrl: urn, resource: anonymous, request: { method: 'POST' } },
      ],
    });
    expect(report).toMatchObject({ taken: 2, refused: [] });
    const found = await db.transaction((tx) =>
      tx.execute('SELECT patient_id FROM clinical_record'),
    );
    const rows = (found as unknown as { rows: unknown[] }).rows;
    expect(rows).toEqual([{ patient_id: urn.slice('urn:uuid:'.length) }]);
  });

  test('a subject nobody knows refuses the resource, a stored one does not', async () => {
    const { taken, refused } = await take(collection(patient('ana'), condition('c', 'nobody')));
    expect(taken).toBe(1);
    expect(refused).toMatchObject([
      { path: 'entry[1].resource (Condition/c)', code: 'FHIR_REFERENCE_UNRESOLVED' },
    ]);
    expect(await take(collection(condition('d', 'ana')))).toMatchObject({ taken: 1, refused: [] });
  });

  test("another server's patient of the same id is not this one", async () => {
    await take(collection(patient('ana')));
    const subject = { reference: 'https://elsewhere.example/fhir/Patient/ana' };
    const { refused } = await take(collection(condition('c', 'ana', { subject })));
    expect(refused[0]?.code).toBe('FHIR_REFERENCE_UNRESOLVED');
  });

  test('a refused patient takes its resources along', async () => {
    const bad = { ...patient('ana'), birthDate: 'long ago' };
    const { taken, refused } = await take(collection(bad as never, condition('c', 'ana')));
    expect(taken).toBe(0);
    expect(refused.map(({ code }) => code)).toEqual(['FHIR_INVALID', 'FHIR_REFERENCE_UNRESOLVED']);
    expect(await count('resource')).toBe(0);
  });

  test('an id that occurs twice is refused the second time', async () => {
    const twice = collection(patient('ana'), condition('c', 'ana'), condition('c', 'ana'));
    const { taken, refused } = await take(twice);
    expect(taken).toBe(2);
    expect(refused).toMatchObject([
      { path: 'entry[2].resource (Condition/c)', code: 'FHIR_INVALID' },
    ]);
  });

  test.each([
    [
      'a date before 1900',
      condition('c', 'ana', { onsetDateTime: '1850-01-01' }),
      'TIME_OUT_OF_RANGE',
    ],
    ['U+0000', observation('o', 'ana', { note: [{ text: 'a\u0000b' }] }), 'FHIR_INVALID'],
    [
      'half a surrogate pair',
      observation('o', 'ana', { note: [{ text: '\ud800' }] }),
      'FHIR_INVALID',
    ],
    ['an unknown type', { resourceType: 'Spaceship', id: 'x' }, 'FHIR_INVALID'],
    ['null', null, 'FHIR_INVALID'],
    ['a list', [], 'FHIR_INVALID'],
  ])('%s is refused alone', async (_, resource, code) => {
    const { taken, refused } = await take(collection(patient('ana'), resource as never));
    expect(taken).toBe(1);
    expect(refused).toMatchObject([{ code }]);
  });

  test('a deletion that names nothing is refused', async () => {
    const { refused } = await take({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: patient('ana'), request: { method: 'DELETE' } }],
    });
    expect(refused).toMatchObject([{ code: 'FHIR_INVALID' }]);
  });

  test.each([
    [[]],
    [{}],
    ['text'],
    [null],
    [{ resourceType: 'Bundle', type: 'batch-response' }],
    [{ resourceType: 'Bundle', type: 'batch', entry: {} }],
  ])('%j is no bundle', async (json) => {
    expect(await take(json)).toMatchObject({
      taken: 0,
      refused: [{ path: '', code: 'FHIR_INVALID' }],
    });
  });

  test('a fault in the middle leaves nothing behind', async () => {
    const failing: Database = {
      ...db,
      transaction: (work, mode) =>
        db.transaction(async (tx) => {
          await work(tx);
          throw new Error('power cut');
        }, mode),
    };
    const bundle = collection(patient('ana'), condition('c', 'ana'));
    await expect(importBundle(failing, bundle, { source: 'test' })).rejects.toThrow();
    expect(await count('resource')).toBe(0);
  });
});

describe('a path', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assent-fhir-'));
    return () => rm(folder, { recursive: true });
  });
  const write = (name: string, text: string) => writeFile(join(folder, name), text);

  test('a folder is taken file by file; one that is not JSON is refused with its position', async () => {
    await write('a.json', JSON.stringify(collection(patient('ana'))));
    await write('b.json', '{"resourceType": "Bundle",}');
    await write('c.json', JSON.stringify(condition('c', 'ana')));
    const seen: string[] = [];
    const reports = await importPath(db, folder, { onReport: ({ file }) => seen.push(file) });
    expect(reports.map(({ file, taken }) => [file, taken])).toEqual([
      ['a.json', 1],
      ['b.json', 0],
      ['c.json', 1],
    ]);
    expect(reports[1]?.refused[0]).toMatchObject({ code: 'JSON_MALFORMED' });
    expect(reports[1]?.refused[0]?.detail).toContain('26');
    expect(seen).toEqual(['a.json', 'b.json', 'c.json']);
  });

  test('a bulk export is taken though Condition comes before Patient', async () => {
    const lines = [condition('c', 'ana'), condition('d', 'ana')].map((one) => JSON.stringify(one));
    await write('Condition.ndjson', `${lines.join('\n')}\n\n{broken\n`);
    await write('Patient.ndjson', JSON.stringify(patient('ana')));
    const [conditions, patients] = await importPath(db, folder);
    expect(conditions).toMatchObject({
      taken: 2,
      unchanged: 0,
      refused: [{ path: 'line 4', code: 'JSON_MALFORMED' }],
    });
    expect(patients).toMatchObject({ taken: 1, refused: [] });
  });

  test('a path that is not there is an error of its own', async () => {
    await expect(importPath(db, join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });
});
