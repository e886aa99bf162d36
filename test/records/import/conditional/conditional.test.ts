import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importBundle } from '../../../../src/records/import/import-bundle.js';
import { importPath } from '../../../../src/records/import/import-path.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../../src/store/database.js';
import { observation, patient } from '../../../support/records/clinic.js';
import { openFreshPglite } from '../../../support/store/fresh-pglite.js';

const TABLES = `resource, patient, clinical_record, patient_key, patient_merge, merged_patient,
  resource_link, resource_identifier, import_progress`;
const MRN = 'http://ehr.example/mrn';
const IS_77 = `identifier=${MRN}|77`;
let server: DatabaseServer;
let db: Database;
let folder: string;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
});
beforeEach(async () => {
  await db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
  folder = await mkdtemp(join(tmpdir(), 'assent-conditional-'));
  return () => rm(folder, { recursive: true });
});
afterAll(() => server.close());

const bundle = (type: string, ...entry: readonly object[]) => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const take = (...entry: readonly object[]) =>
  importBundle(db, bundle('transaction', ...entry), { source: 'b.json' });
const takeAs = (type: string, ...entry: readonly object[]) =>
  importBundle(db, bundle(type, ...entry), { source: 'b.json' });
const takeLines = async (...lines: readonly object[]) => {
  await writeFile(join(folder, 'l.ndjson'), lines.map((one) => JSON.stringify(one)).join('\n'));
  const [report] = await importPath(db, folder);
  return report;
};
const urn = (n: number) => `urn:uuid:${n}1111111-1cbf-4d64-b04d-cd9187a4c6e0`;
const identifier = (value: string, system = MRN) => [{ system, value }];
/** Without an id of its own. */
function nameless<T extends { readonly id?: string | undefined }>(resource: T): Omit<T, 'id'> {
  const { id: _, ...rest } = resource;
  return rest;
}
const person = (mrn: string, change: object = {}) => ({
  ...nameless(patient('p')),
  identifier: identifier(mrn),
  ...change,
});
const post = (resource: object, ifNoneExist?: string, fullUrl = urn(1)) => ({
  fullUrl,
  resource,
  request: {
    method: 'POST',
    url: (resource as { resourceType: string }).resourceType,
    ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
  },
});
const put = (resource: object, url: string, conditions: object = {}) => ({
  resource,
  request: { method: 'PUT', url, ...conditions },
});
const about = (reference: string) => nameless(observation('o', '', { subject: { reference } }));
const codes = (report: { refused: readonly { code: string }[] } | undefined) =>
  report?.refused.map(({ code }) => code);

async function select<Row extends object>(query: string): Promise<readonly Row[]> {
  return rowsOf<Row>(await db.transaction((tx) => tx.execute(query)));
}
const patients = async () =>
  (
    await select<{ id: string }>(
      `SELECT id FROM resource WHERE type = 'Patient' AND NOT deleted ORDER BY id`,
    )
  ).map(({ id }) => id);
const owners = async () =>
  (await select<{ of: string }>('SELECT patient_id AS of FROM clinical_record ORDER BY id')).map(
    ({ of }) => of,
  );

describe('a conditional create', () => {
  test('makes one patient of two deliveries, and what follows is that one', async () => {
    const delivery = (n: number, effective: string) => [
      post(person('77', { birthDate: `198${n}` }), IS_77, urn(n)),
      post(
        { ...about(urn(n)), effectiveDateTime: effective },
        undefined,
        urn(n).replace('4d64', '4d65'),
      ),
    ];
    expect(await take(...delivery(1, '2024-01-01'))).toMatchObject({ taken: 2, refused: [] });
    const [first = ''] = await patients();
    const second = await take(...delivery(2, '2024-02-02'));
    expect(second).toMatchObject({ taken: 1, unchanged: 1, refused: [] });
    expect(await patients()).toEqual([first]);
    expect(await owners()).toEqual([first, first]);
    expect(await select('SELECT birth_year FROM patient')).toEqual([{ birth_year: 1981 }]);
  });

  test('is met by what any delivery stored, also under another id', async () => {
    await take({ resource: { ...patient('q7'), identifier: identifier('77') } });
    const own = { ...person('77'), id: 'p1' };
    const at = 'https://a.example/fhir';
    expect(
      await take(post(own, IS_77), post(about('Patient/p1'), undefined, urn(2))),
    ).toMatchObject({ taken: 1, unchanged: 1, refused: [] });
    expect(await owners()).toEqual(['q7']);
    // Another server's patients are another's: nothing is met there.
    expect(await take(post(own, IS_77, `${at}/Patient/p1`))).toMatchObject({ taken: 1 });
    expect(await patients()).toEqual(['p1', 'q7']);
  });

  test('is not met by another system, another value or what was deleted', async () => {
    await take({ resource: { ...patient('a'), identifier: identifier('77', 'urn:other') } });
    await take({ resource: { ...patient('b'), identifier: identifier('7') } });
    await take({ resource: { ...patient('c'), identifier: identifier('77') } });
    await take({ request: { method: 'DELETE', url: 'Patient/c' } });
    expect(await take(post(person('77'), IS_77))).toMatchObject({ taken: 1, refused: [] });
    expect(await patients()).toHaveLength(3);
  });

  test('is met within its bundle, whatever the order, and twice is once', async () => {
    const plain = { resource: { ...patient('x'), identifier: identifier('77') } };
    expect(await take(post(person('77'), IS_77), plain)).toMatchObject({ taken: 1, unchanged: 1 });
    const both = [
      post(person('8'), `identifier=${MRN}|8`),
      post(person('8'), '?identifier=8', urn(3)),
    ];
    expect(await take(...both)).toMatchObject({ taken: 1, unchanged: 1, refused: [] });
    expect(await patients()).toHaveLength(2);
  });

  test('that several meet is refused, and so is what follows from it', async () => {
    for (const id of ['a', 'b']) {
      await take({ resource: { ...patient(id), identifier: identifier('77') } });
    }
    const report = await take(post(person('77'), IS_77), post(about(urn(1)), undefined, urn(2)));
    expect(codes(report)).toEqual(['FHIR_CONDITION_FAILED', 'FHIR_REFERENCE_UNRESOLVED']);
    expect(await owners()).toEqual([]);
  });

  test('replaces nobody who has its id and another identifier', async () => {
    await take({ resource: { ...patient('p1'), identifier: identifier('1') } });
    const report = await take(post({ ...person('77'), id: 'p1', gender: 'male' }, IS_77));
    expect(codes(report)).toEqual(['FHIR_CONDITION_FAILED']);
    expect(await select(`SELECT sex FROM patient`)).toEqual([{ sex: 'FEMALE' }]);
  });

  test('that brings the id of another stored patient takes none of that one', async () => {
    await take({ resource: { ...patient('p1'), identifier: identifier('77') } });
    await take({ resource: { ...patient('p9'), identifier: identifier('9') } });
    const brings9 = post({ ...person('77'), id: 'p9' }, IS_77);
    const report = await take(brings9, post(about('Patient/p9'), undefined, urn(2)));
    expect(report).toMatchObject({ taken: 1 });
    expect(codes(report)).toEqual(['FHIR_CONDITION_FAILED']);
    expect(await owners()).toEqual(['p9']);
  });

  test('is met by the survivor where it meets records of one patient', async () => {
    const link = (other: string) => [{ other: { reference: other }, type: 'replaced-by' }];
    const old = { ...patient('old'), active: false, link: link('Patient/new') };
    await take(
      { resource: { ...old, identifier: identifier('77') } },
      { resource: { ...patient('new'), identifier: identifier('77') } },
    );
    const report = await take(post(person('77'), IS_77), post(about(urn(1)), undefined, urn(2)));
    expect(report).toMatchObject({ taken: 1, unchanged: 1, refused: [] });
    expect(await owners()).toEqual(['new']);
  });

  test.each<[string, object, object, string]>([
    ['criteria of a name', {}, { ifNoneExist: 'name=Smith' }, 'FHIR_CONDITION_UNSUPPORTED'],
    ['another type', {}, { ifNoneExist: `Group?${IS_77}` }, 'FHIR_INVALID'],
    ['an identifier that it has not', {}, { ifNoneExist: 'identifier=5' }, 'FHIR_INVALID'],
    ['no text', {}, { ifNoneExist: 7 }, 'FHIR_CONDITION_UNSUPPORTED'],
    ['ifNoneMatch', {}, { ifNoneMatch: '*' }, 'FHIR_CONDITION_UNSUPPORTED'],
    [
      'ifModifiedSince',
      {},
      { ifModifiedSince: '2024-01-01T00:00:00Z' },
      'FHIR_CONDITION_UNSUPPORTED',
    ],
    ['ifMatch of a POST', {}, { ifMatch: 'W/"1"' }, 'FHIR_INVALID'],
    ['ifNoneExist of a PUT', { method: 'PUT' }, { ifNoneExist: IS_77 }, 'FHIR_INVALID'],
    ['ifMatch of many', { method: 'PUT', url: 'Patient/p' }, { ifMatch: '*' }, 'FHIR_INVALID'],
  ])('with %s is refused by name', async (_, request, conditions, code) => {
    const { resource, request: usual } = post(person('77'));
    const report = await take({ resource, request: { ...usual, ...request, ...conditions } });
    expect(codes(report)).toEqual([code]);
    expect(report.refused[0]?.detail).toMatch(/^request\./);
    expect(report.refused[0]?.detail).not.toMatch(/Smith|77/);
    expect(await patients()).toEqual([]);
  });
});

describe('a conditional update', () => {
  const url = `Patient?${IS_77}`;
  test('creates, then updates what it created', async () => {
    expect(await take(put(person('77'), url))).toMatchObject({ taken: 1, refused: [] });
    const update = put(person('77', { gender: 'male' }), url);
    expect(await take(update)).toMatchObject({ taken: 1, refused: [] });
    expect(await take(update)).toMatchObject({ taken: 0, unchanged: 1 });
    expect(await patients()).toHaveLength(1);
    expect(await select('SELECT sex FROM patient')).toEqual([{ sex: 'MALE' }]);
  });

  test('of several, of another id, or of what another entry writes is refused', async () => {
    await take({ resource: { ...patient('a'), identifier: identifier('77') } });
    expect(codes(await take(put({ ...person('77'), id: 'b' }, url)))).toEqual(['FHIR_INVALID']);
    expect(codes(await take(put(person('77'), url), put(person('77'), url)))).toEqual([
      'FHIR_INVALID',
    ]);
    await take({ resource: { ...patient('c'), identifier: identifier('77') } });
    expect(codes(await take(put(person('77'), url)))).toEqual(['FHIR_CONDITION_FAILED']);
    expect(codes(await take(put(person('77'), 'Patient?name=Smith')))).toEqual([
      'FHIR_CONDITION_UNSUPPORTED',
    ]);
    expect(await patients()).toEqual(['a', 'c']);
  });

  test('takes the identifiers of the new version alone', async () => {
    await take({ resource: { ...patient('a'), identifier: identifier('77') } });
    await take({ resource: { ...patient('a'), identifier: identifier('78') } });
    expect(await take(post(person('77'), IS_77))).toMatchObject({ taken: 1 });
    expect(await patients()).toHaveLength(2);
  });
});

describe('a version that is asked for', () => {
  const stored = { ...patient('p'), meta: { versionId: '3' } };
  const next = { ...patient('p'), gender: 'male' as const, meta: { versionId: '4' } };
  test('is updated if it is the stored one', async () => {
    await take({ resource: stored });
    const other = put(next, 'Patient/p', { ifMatch: 'W/"2"' });
    expect(codes(await take(other))).toEqual(['FHIR_CONDITION_FAILED']);
    const right = put(next, 'Patient/p', { ifMatch: 'W/"3"' });
    expect(await take(right)).toMatchObject({ taken: 1, refused: [] });
    expect(await take(right)).toMatchObject({ unchanged: 1, refused: [] });
    expect(codes(await take(put({ ...next, id: 'q' }, 'Patient/q', { ifMatch: '"1"' })))).toEqual([
      'FHIR_CONDITION_FAILED',
    ]);
  });

  test('is deleted if it is the stored one', async () => {
    await take({ resource: stored });
    const gone = (ifMatch: string) => ({
      request: { method: 'DELETE', url: 'Patient/p', ifMatch },
    });
    expect(codes(await take(gone('W/"2"')))).toEqual(['FHIR_CONDITION_FAILED']);
    expect(await take(gone('W/"3"'))).toMatchObject({ deleted: 1, refused: [] });
  });

  test('is of no matter in a history, whose requests were answered', async () => {
    const entry = { ...put(next, `Patient?${IS_77}`, { ifMatch: 'W/"3"', ifNoneMatch: 'x' }) };
    expect(await takeAs('history', entry)).toMatchObject({ taken: 1, refused: [] });
    expect(await patients()).toEqual(['p']);
  });
});

describe('a conditional reference', () => {
  const to77 = about(`Patient?${IS_77}`);
  test('leads to what is stored, or to an entry of its bundle', async () => {
    expect(await take(post(to77), post(person('77'), IS_77, urn(2)))).toMatchObject({
      taken: 2,
      refused: [],
    });
    const [first] = await patients();
    const later = { ...to77, effectiveDateTime: '2024-05-05' };
    expect(await take(post(later, undefined, urn(3)))).toMatchObject({ taken: 1, refused: [] });
    expect(await owners()).toEqual([first, first]);
  });

  test('to nothing, to several or by a name is refused', async () => {
    expect(codes(await take(post(to77)))).toEqual(['FHIR_REFERENCE_UNRESOLVED']);
    for (const id of ['a', 'b']) {
      await take({ resource: { ...patient(id), identifier: identifier('77') } });
    }
    expect(codes(await take(post(to77)))).toEqual(['FHIR_CONDITION_FAILED']);
    const byName = await take(post(about('Patient?name=Smith')));
    expect(codes(byName)).toEqual(['FHIR_CONDITION_UNSUPPORTED']);
    expect(JSON.stringify(byName)).not.toContain('Smith');
  });

  test('carries labels, as any reference to what a panel holds does', async () => {
    await take({ resource: patient('p') });
    const member = observation('m', 'p', { identifier: identifier('m1') });
    const hasMember = [{ reference: `Observation?identifier=${MRN}|m1` }];
    const phq9 = { coding: [{ system: 'http://loinc.org', code: '44249-1' }] };
    const panel = observation('panel', 'p', { code: phq9, hasMember });
    expect(await take({ resource: panel }, { resource: member })).toMatchObject({ refused: [] });
    const labels = await select('SELECT id, labels::int FROM clinical_record ORDER BY id');
    expect(labels).toEqual([
      { id: 'm', labels: 1 },
      { id: 'panel', labels: 1 },
    ]);
  });

  test('to a practitioner who is not stored is kept as it is written', async () => {
    await take({ resource: patient('p') });
    const performer = [{ reference: 'Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1' }];
    const resource = observation('o', 'p', { performer });
    expect(await take({ resource })).toMatchObject({ taken: 1, refused: [] });
    expect(await take({ resource })).toMatchObject({ unchanged: 1, refused: [] });
  });

  test('of a line sees the lines before it, and waits for those behind it', async () => {
    const lines = [
      { ...to77, id: 'early' },
      { ...patient('p1'), identifier: identifier('77') },
      { ...to77, id: 'o1' },
      bundle(
        'batch',
        post(person('8'), `identifier=${MRN}|8`),
        post(about(urn(1)), undefined, urn(2)),
      ),
      bundle(
        'batch',
        post(person('8'), `identifier=${MRN}|8`, urn(5)),
        post({ ...about(urn(5)), id: 'late' }),
      ),
    ];
    expect(await takeLines(...lines)).toMatchObject({ taken: 6, unchanged: 1, refused: [] });
    const eight = (await patients()).find((id) => id !== 'p1');
    expect((await owners()).sort()).toEqual([eight, eight, 'p1', 'p1'].sort());
    expect(await takeLines(...lines)).toMatchObject({ taken: 0, refused: [] });
  });
});
