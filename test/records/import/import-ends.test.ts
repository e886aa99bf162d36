import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endedCount, type ImportReport, NO_ENDS } from '../../../src/core/import/import-report.js';
import { type ImportOptions, importPath } from '../../../src/records/import/import-path.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { condition, observation, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const TABLES =
  'resource, patient, clinical_record, patient_key, long_id, patient_merge, merged_patient, resource_identifier, resource_link';
const A = 'https://a.example/fhir';
const B = 'https://b.example/fhir';
const UUID = '4f6a0b0e-0000-4000-8000-000000000001';
const LONG = (end: string) => `${'e'.repeat(80)}-${end}`;

let server: DatabaseServer;
let db: Database;
let folder: string;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
});
beforeEach(async () => {
  await db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
  folder = await mkdtemp(join(tmpdir(), 'assent-ends-'));
  return () => rm(folder, { recursive: true });
});
afterAll(() => server.close());

async function takeText(name: string, text: string | Buffer, options?: ImportOptions) {
  const path = join(folder, name);
  await writeFile(path, text);
  const [report] = await importPath(db, path, options);
  if (report === undefined) throw new Error('no file');
  return report;
}
const take = (lines: readonly object[], options?: ImportOptions) =>
  takeText('l.ndjson', lines.map((line) => JSON.stringify(line)).join('\n'), options);
const takeBundle = (bundle: object, options?: ImportOptions) =>
  takeText('b.json', JSON.stringify(bundle), options);

async function rows(): Promise<
  readonly { id: string; patient_id: string; [key: string]: unknown }[]
> {
  const found = await db.transaction((tx) =>
    tx.execute(`SELECT server, id, patient_id, labels::float8 AS labels, content->'value'->>'value' AS value
      FROM clinical_record ORDER BY server, id`),
  );
  return rowsOf(found);
}
const owners = async () =>
  Object.fromEntries(
    (await rows()).map(({ server: of, id, patient_id }) => [`${of} ${id}`, patient_id]),
  );

const bundle = (...entry: readonly object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry,
});
const at = (base: string, resource: object) => {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return { fullUrl: `${base}/${resourceType}/${id}`, resource };
};
const about = (reference: string, id = 'o') => observation(id, '', { subject: { reference } });
const deletion = (url: string, fullUrl?: string, meta?: object) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  ...(meta && { meta }),
  entry: [{ ...(fullUrl && { fullUrl }), request: { method: 'DELETE', url } }],
});
const codes = ({ refused }: ImportReport) => refused.map(({ code }) => code);

describe('an id that is too long', () => {
  const lines = ['one', 'two'].flatMap((end) => [
    patient(LONG(end)),
    observation(`of-${end}`, LONG(end)),
    observation(LONG(`row-${end}`), LONG(end)),
  ]);

  test('is refused, and never cut: nothing is stored of either person', async () => {
    const report = await take(lines);
    expect(report).toMatchObject({ ...NO_ENDS, refused: expect.objectContaining({ length: 6 }) });
    expect(JSON.stringify(report)).not.toContain('e'.repeat(65));
    expect(await rows()).toEqual([]);
  });

  test('is kept in a table where that is asked for: two people stay two', async () => {
    const options = { longIds: true };
    expect(await take(lines.toReversed(), options)).toMatchObject({ taken: 6, refused: [] });
    const of = (await rows()).map(({ patient_id }) => patient_id);
    expect([...new Set(of)].map((key) => of.filter((one) => one === key).length)).toEqual([2, 2]);
    for (const { id, patient_id } of await rows()) {
      expect([id.length, patient_id.length].every((length) => length <= 64)).toBe(true);
    }
    expect(await take(lines, options)).toMatchObject({ taken: 0, unchanged: 6 });
    await take([patient(LONG('one')), observation('of-one', LONG('one'))], {
      ...options,
      server: B,
    });
    expect(new Set((await rows()).map(({ patient_id }) => patient_id)).size).toBe(3);
  });

  test('of more than a URL holds is refused there too', async () => {
    expect(codes(await take([patient('e'.repeat(256))], { longIds: true }))).toEqual([
      'FHIR_INVALID',
    ]);
  });

  test('and its row go when they are deleted', async () => {
    const options = { longIds: true };
    await take(lines, options);
    expect(await take([deletion(`Patient/${LONG('one')}`)], options)).toMatchObject({ deleted: 1 });
    expect(await rows()).toHaveLength(2);
  });
});

describe('patients of one id at two servers', () => {
  test('are two, in one bundle', async () => {
    const mixed = bundle(
      at(A, patient('1')),
      at(B, patient('1')),
      at(B, observation('9', '1')),
      at(A, observation('9', '1')),
    );
    expect(await takeBundle(mixed)).toMatchObject({ taken: 4, refused: [] });
    expect(await owners()).toEqual({ [`${A} 9`]: '1', [`${B} 9`]: `${B}/Patient/1` });
  });

  test('are two, in files of which one names no server', async () => {
    await take([patient('1'), observation('9', '1')]);
    await takeBundle(bundle(at(B, patient('1')), at(B, observation('9', '1'))));
    await take([observation('8', '1')], { server: B });
    await take([observation('7', '1')]);
    const other = `${B}/Patient/1`;
    expect(await owners()).toEqual({ ' 7': '1', ' 9': '1', [`${B} 8`]: other, [`${B} 9`]: other });
  });

  test('are two, whichever comes first, and the same again changes nothing', async () => {
    const own = [patient('1'), observation('9', '1')];
    await take(own, { server: B });
    await take(own, { server: A });
    await take(own);
    expect(await owners()).toEqual({
      ' 9': 'Patient/1',
      [`${A} 9`]: `${A}/Patient/1`,
      [`${B} 9`]: '1',
    });
    expect(await take(own, { server: A })).toMatchObject({ taken: 0, unchanged: 2 });
  });

  test("a relative reference is of its own entry's server, also where that one has no such patient", async () => {
    const report = await takeBundle(bundle(at(A, patient('1')), at(B, observation('9', '1'))));
    expect(report).toMatchObject({ taken: 1 });
    expect(codes(report)).toEqual(['FHIR_REFERENCE_UNRESOLVED']);
  });

  test('a URL that is none of a resource is of its host', async () => {
    const entry = (host: string) => ({ fullUrl: `https://${host}/p?x=1`, resource: patient('1') });
    await takeBundle(bundle(entry('a.example'), entry('b.example')));
    const found = await db.transaction((tx) =>
      tx.execute('SELECT key FROM patient_key ORDER BY 1'),
    );
    expect(rowsOf(found)).toEqual([{ key: '1' }, { key: 'https://b.example/Patient/1' }]);
  });

  test("a link that is older than what is stored is not given to another server's patient", async () => {
    await db.transaction((tx) =>
      tx.execute(`INSERT INTO research_subject (study, pseudonym, patient_id, linked_at)
        VALUES ('NCT90000001', '1', 'linked', 0)`),
    );
    await takeBundle(bundle(at(A, patient('linked')), at(A, observation('9', 'linked'))));
    await take([patient('linked'), observation('9', 'linked')]);
    expect(await owners()).toEqual({ ' 9': 'linked', [`${A} 9`]: `${A}/Patient/linked` });
  });
});

describe('references', () => {
  const who = { ...patient(UUID), id: UUID };

  test.each([
    ['relative', `Patient/${UUID}`],
    ['of a version', `Patient/${UUID}/_history/3`],
    ['absolute', `${A}/Patient/${UUID}`],
    ['absolute, host in capitals', `https://A.EXAMPLE/fhir/Patient/${UUID}`],
    ['by urn:uuid', `urn:uuid:${UUID}`],
    ['by urn:uuid in capitals', `URN:UUID:${UUID.toUpperCase()}`],
  ])('%s resolve at the server that --base names', async (_, reference) => {
    const report = await take([who, about(reference)], { server: A });
    expect(report).toMatchObject({ taken: 2, refused: [] });
    expect(await owners()).toEqual({ [`${A} o`]: UUID });
  });

  test.each([
    ['another server', `${B}/Patient/${UUID}`],
    ['another path of the host', `https://a.example/FHIR/Patient/${UUID}`],
    ['http in place of https', `http://a.example/fhir/Patient/${UUID}`],
    ['another UUID', 'urn:uuid:4f6a0b0e-0000-4000-8000-000000000002'],
    ['a search', 'Patient?identifier=1'],
    ['another case', `Patient/${UUID.toUpperCase()}`],
    ['an id too long', `Patient/${UUID}${'0'.repeat(40)}`],
  ])('of %s are refused', async (_, reference) => {
    const report = await take([who, about(reference)], { server: A });
    expect(report).toMatchObject({ taken: 1 });
    expect(codes(report)).toEqual(['FHIR_REFERENCE_UNRESOLVED']);
  });

  test('whose type is another than they say are refused', async () => {
    const subject = { reference: `Patient/${UUID}`, type: 'Group' };
    expect(codes(await take([who, observation('o', '', { subject })]))).toEqual(['FHIR_INVALID']);
    const rightful = { ...subject, type: 'Patient' };
    expect(await take([observation('o', '', { subject: rightful })])).toMatchObject({ taken: 1 });
  });

  test('an id that fullUrl contradicts is refused', async () => {
    const wrong = { fullUrl: `${A}/Patient/2`, resource: patient('1') };
    expect(codes(await takeBundle(bundle(wrong)))).toEqual(['FHIR_INVALID']);
  });
});

describe('a line', () => {
  test.each([
    ['an identifier', { identifier: { system: 'http://h.example/mrn', value: '1' } }],
    ['words', { display: 'A person' }],
    ['what it contains', { reference: '#x' }],
    ['a Group', { reference: 'Group/1' }],
    ['nothing', undefined],
  ])("whose patient is named by %s is kept, and nobody's", async (_, subject) => {
    const contained = [{ resourceType: 'Patient', id: 'x' }];
    const line = observation('o', '', { subject, ...(subject && { contained }) });
    expect(await take([line])).toMatchObject({ ...NO_ENDS, withoutPatient: 1, refused: [] });
    expect(await rows()).toEqual([]);
    expect(await take([line])).toMatchObject({ ...NO_ENDS, unchanged: 1 });
  });

  test('of what is about no patient is taken', async () => {
    const line = { resourceType: 'Organization', id: 'x', name: 'Clinic' };
    expect(await take([line])).toMatchObject({ ...NO_ENDS, taken: 1 });
  });

  test('that is a bundle is opened, entry by entry, also where its patient comes later', async () => {
    const inLine = bundle(
      { resource: { ...observation('bad', 'ana'), surprise: 1 } },
      { resource: observation('a', 'ana') },
      { resource: patient('ben') },
      { resource: observation('b', 'ben') },
      { resource: observation('c', 'nobody') },
    );
    const report = await take([inLine, patient('ana')]);
    expect(report).toMatchObject({ taken: 4, unchanged: 0 });
    expect(report.refused.map(({ path }) => path)).toEqual([
      'line 1 entry[0].resource (Observation/bad)',
      'line 1 entry[4].resource (Observation/c)',
    ]);
    expect(await owners()).toEqual({ ' a': 'ana', ' b': 'ben' });
  });

  test.each([
    [{ resourceType: 'Parameters', parameter: [{ name: 'p', resource: patient('ana') }] }],
    [{ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] }],
  ])('that is no record is refused: %#', async (line) => {
    expect(codes(await take([line]))).toEqual(['FHIR_NOT_A_RECORD']);
    expect(codes(await takeBundle(bundle({ resource: line })))).toEqual(['FHIR_NOT_A_RECORD']);
  });

  test('a bundle within a bundle is refused', async () => {
    expect(codes(await take([bundle({ resource: bundle() })]))).toEqual(['FHIR_INVALID']);
  });

  test('with a member twice is refused with its place, in a bundle as in a line', async () => {
    const twice = JSON.stringify(observation('o', 'ana')).replace(
      '"subject":',
      String.raw`"\u0073ubject":{"reference":"Patient/ben"},"subject":`,
    );
    const both = [patient('ana'), patient('ben')].map((one) => JSON.stringify(one));
    const [line] = (await takeText('d.ndjson', [...both, twice].join('\n'))).refused;
    expect(line).toMatchObject({ path: 'line 3', code: 'JSON_KEY_DOUBLED' });
    expect(line?.detail).toContain('path subject');
    const whole = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${twice}}]}`;
    const [file] = (await takeText('d.json', whole)).refused;
    expect(file).toMatchObject({ path: 'entry[0].resource.subject', code: 'JSON_KEY_DOUBLED' });
    expect(await rows()).toEqual([]);
  });

  test('or a bundle that is not UTF-8 is refused', async () => {
    const text = Buffer.from(JSON.stringify({ ...patient('ana'), language: 'é' }), 'latin1');
    expect(codes(await takeText('x.json', text))).toEqual(['BAD_INPUT']);
    expect(codes(await takeText('x.ndjson', text))).toEqual(['BAD_INPUT']);
    const utf8 = Buffer.from(JSON.stringify({ ...patient('ana'), language: 'fr' }));
    expect(await takeText('y.json', utf8)).toMatchObject({ taken: 1 });
  });
});

describe('what R4 allows is taken from files', () => {
  const report = (data: string) => ({
    resourceType: 'DiagnosticReport',
    id: 'r',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/ana' },
    presentedForm: [{ contentType: 'text/plain', data }],
  });
  const both = async (...all: readonly object[]) => [
    await take(all),
    await takeBundle(bundle(...all.map((resource) => ({ resource })))),
  ];

  test.each(['aGVsbG8g d29ybGQh', 'aGVs\nbG8g\r\n d29ybGQh\n', ' aGVsbG8gd29ybGQh'])(
    'base64 with white space: %j',
    async (data) => {
      for (const one of await both(patient('ana'), report(data))) {
        expect(one.refused).toEqual([]);
      }
      const found = await db.transaction((tx) =>
        tx.execute(`SELECT json->'presentedForm'->0->>'data' AS data FROM resource WHERE id = 'r'`),
      );
      expect(rowsOf(found)).toEqual([{ data }]);
    },
  );

  test.each(['aGVsbG8g d29yb', 'aGV*', 'no base64!'])('but not %s', async (data) => {
    for (const one of await both(patient('ana'), report(data))) {
      expect(codes(one)).toEqual(['FHIR_INVALID']);
    }
  });

  test('a reference to a version is one to the patient', async () => {
    for (const one of await both(patient('ana'), about('Patient/ana/_history/3'))) {
      expect(one.refused).toEqual([]);
    }
    expect(await owners()).toEqual({ ' o': 'ana' });
    const whole = at(A, about(`${A}/Patient/ana/_history/3`));
    expect(await takeBundle(bundle(at(A, patient('ana')), whole))).toMatchObject({ refused: [] });
    expect(Object.keys(await owners())).toHaveLength(2);
  });

  test('a urn:uuid in any case', async () => {
    const upper = `urn:uuid:${UUID.toUpperCase()}`;
    for (const one of await both(patient(UUID), about(upper))) expect(one.refused).toEqual([]);
    expect(await owners()).toEqual({ ' o': UUID });
    const entries = [
      { fullUrl: upper, resource: patient('ben') },
      { resource: about(`URN:UUID:${UUID}`, 'p') },
    ];
    expect(await takeBundle(bundle(...entries))).toMatchObject({ taken: 2, refused: [] });
    expect(await owners()).toMatchObject({ ' p': 'ben' });
  });

  test.each(['-0', '-0.0', '5e-324', '1E+2'])(
    'the decimal %s, as it is written',
    async (written) => {
      const line = JSON.stringify(observation('o', 'ana', { valueQuantity: { value: 7654 } }));
      const text = [JSON.stringify(patient('ana')), line.replace('7654', written)].join('\n');
      expect(await takeText('d.ndjson', text)).toMatchObject({ refused: [] });
      expect(await rows()).toMatchObject([{ value: written }]);
    },
  );
});

describe('what names something of another patient', () => {
  const encounter = (id: string, of: string) => ({
    ...{
      resourceType: 'Encounter',
      id,
      status: 'finished',
      subject: { reference: `Patient/${of}` },
    },
    class: { code: 'AMB' },
  });
  const within = (id: string, of: string) =>
    observation(id, of, { encounter: { reference: 'Encounter/e' } });

  test('is counted and named', async () => {
    const people = [patient('ana'), patient('ben'), encounter('e', 'ana')];
    const report = await take([...people, within('a', 'ana'), within('b', 'ben')]);
    expect(report).toMatchObject({ taken: 5, refused: [] });
    expect(report.noted).toEqual({ 'Observation names Encounter of another patient': 1 });
    const panel = observation('p', 'ben', { hasMember: [{ reference: 'Observation/a' }] });
    expect((await take([panel])).noted).toEqual({
      'Observation names Observation of another patient': 1,
    });
  });

  test('but not of a record that was merged into it', async () => {
    const link = [{ type: 'replaced-by', other: { reference: 'Patient/ben' } }];
    const people = [patient('ben'), { ...patient('ana'), link }, encounter('e', 'ana')];
    expect((await take([...people, within('b', 'ben')])).noted).toBeUndefined();
  });
});

describe('a deletion', () => {
  const stored = () =>
    take([patient('ana'), observation('keep', 'ana'), observation('gone', 'ana')]);

  test('deletes, once, and an older file does not bring it back', async () => {
    await stored();
    const gone = [deletion('Observation/gone')];
    expect(await take(gone)).toMatchObject({ ...NO_ENDS, deleted: 1, refused: [] });
    expect(await owners()).toEqual({ ' keep': 'ana' });
    expect(await take(gone)).toMatchObject({ ...NO_ENDS, unchanged: 1 });
    const older = await stored();
    expect(older).toMatchObject({ ...NO_ENDS, unchanged: 2 });
    expect(codes(older)).toEqual(['FHIR_DELETED']);
    const found = await db.transaction((tx) =>
      tx.execute(`SELECT json::text, patient_id FROM resource WHERE id = 'gone'`),
    );
    expect(rowsOf(found)).toEqual([{ json: 'null', patient_id: null }]);
    const again = observation('gone', 'ana', { valueQuantity: { value: 1 } });
    expect(await take([again])).toMatchObject({ taken: 1 });
    expect(Object.keys(await owners())).toEqual([' gone', ' keep']);
  });

  test('is done once, though another entry of its bundle waits for a later file', async () => {
    await take([patient('ana'), observation('o', 'ana')]);
    const change = { valueQuantity: { value: 9 } };
    const entry = [
      { request: { method: 'DELETE', url: 'Observation/o' } },
      {
        resource: observation('o', 'ana', change),
        request: { method: 'PUT', url: 'Observation/o' },
      },
      { resource: observation('late', 'ben'), request: { method: 'PUT', url: 'Observation/late' } },
    ];
    const batch = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
    await writeFile(join(folder, 'a.json'), batch);
    await writeFile(join(folder, 'z.json'), JSON.stringify(bundle({ resource: patient('ben') })));
    const [report] = await importPath(db, folder);
    expect(report).toMatchObject({ ...NO_ENDS, taken: 2, deleted: 1, refused: [] });
    expect(await rows()).toMatchObject([{ id: 'late' }, { id: 'o', value: '9' }]);
  });

  test('of what came to be later is outdated, and named', async () => {
    const meta = { lastUpdated: '2024-03-01T00:00:00Z' };
    await take([patient('ana'), observation('o', 'ana', { meta })]);
    const before = { lastUpdated: '2024-02-01T00:00:00Z' };
    const outdated = await take([deletion('Observation/o', undefined, before)]);
    expect(outdated).toMatchObject({ ...NO_ENDS, refused: [{ code: 'FHIR_OUTDATED' }] });
    expect(outdated.refused[0]?.path).toContain('(Observation/o)');
    const after = { lastUpdated: '2024-04-01T00:00:00Z' };
    expect(await take([deletion('Observation/o', undefined, after)])).toMatchObject({ deleted: 1 });
    const between = { lastUpdated: '2024-03-15T00:00:00Z' };
    const late = observation('o', 'ana', { meta: between, status: 'amended' });
    expect(await take([late])).toMatchObject({ taken: 0, unchanged: 1 });
  });

  test('of what no server here has changes nothing, and is noted', async () => {
    await stored();
    await take([patient('ana')], { server: A });
    const gone = [deletion('Observation/gone', `${A}/Observation/gone`)];
    const report = await take(gone);
    expect(report).toMatchObject({ ...NO_ENDS, unchanged: 1, refused: [] });
    expect(report.noted).toEqual({
      'DELETE of Observation: none is stored under its server and id': 1,
    });
    expect((await take([deletion('Observation/gone')])).noted).toBeUndefined();
  });

  test('whose server was not named when its files were imported is refused by name', async () => {
    await stored();
    const report = await take([deletion('Observation/gone', `${A}/Observation/gone`)]);
    expect(report).toMatchObject({
      ...NO_ENDS,
      refused: [{ path: 'line 1 entry[0] (Observation/gone)' }],
    });
    expect(report.refused[0]?.detail).toContain('--base');
    expect(await rows()).toHaveLength(2);
  });

  test('that came before what it deletes keeps it out', async () => {
    const meta = { lastUpdated: '2024-03-01T00:00:00Z' };
    await take([deletion('Observation/o', undefined, meta)]);
    const older = { meta: { lastUpdated: '2024-02-01T00:00:00Z' } };
    expect(await take([patient('ana'), observation('o', 'ana', older)])).toMatchObject({
      taken: 1,
      unchanged: 1,
    });
    expect(await rows()).toEqual([]);
  });

  test("of a Patient takes what is the patient's, and no one else's", async () => {
    await stored();
    await take([patient('ben'), observation('b', 'ben')]);
    expect(await take([deletion('Patient/ana')])).toMatchObject({ deleted: 1 });
    expect(await owners()).toEqual({ ' b': 'ben' });
    const left = await db.transaction((tx) =>
      tx.execute(`SELECT id, deleted FROM resource ORDER BY id`),
    );
    expect(rowsOf(left)).toEqual([
      { id: 'ana', deleted: true },
      { id: 'b', deleted: false },
      { id: 'ben', deleted: false },
    ]);
    expect(codes(await take([observation('late', 'ana')]))).toEqual(['FHIR_REFERENCE_UNRESOLVED']);
  });

  test("of a Patient takes the links and the labels that were the patient's", async () => {
    const phq9 = { code: { coding: [{ system: 'http://loinc.org', code: '44249-1' }] } };
    const hasMember = [{ reference: 'Observation/b' }];
    await take([patient('ana'), patient('ben'), observation('b', 'ben')]);
    await take([observation('panel', 'ana', { ...phq9, hasMember })]);
    expect(await rows()).toMatchObject([
      { id: 'b', labels: 1 },
      { id: 'panel', labels: 1 },
    ]);
    expect(await take([deletion('Patient/ana')])).toMatchObject({ deleted: 1 });
    expect(await rows()).toMatchObject([{ id: 'b', labels: 0 }]);
    const left = await db.transaction((tx) => tx.execute('SELECT id FROM resource_link'));
    expect(rowsOf(left)).toEqual([]);
  });

  test("of another server's record leaves this one's", async () => {
    await take([patient('ana'), observation('gone', 'ana')], { server: A });
    const others = [deletion('Observation/gone', `${B}/Observation/gone`)];
    expect(await take(others)).toMatchObject({ unchanged: 1, deleted: 0 });
    expect(await take(others, { server: A })).toMatchObject({ unchanged: 1, deleted: 0 });
    expect(await take([deletion('Observation/gone')])).toMatchObject({ unchanged: 1, deleted: 0 });
    expect(await rows()).toHaveLength(1);
    expect(await take([deletion('Observation/gone')], { server: A })).toMatchObject({ deleted: 1 });
  });

  test('of one server never names the record of another, however often it is told', async () => {
    await stored();
    await takeBundle(bundle(at(A, patient('ana')), at(A, observation('keep', 'ana'))));
    const all = ['Patient/ana', 'Observation/keep', 'Observation/gone'];
    const gone = all.map((name) => deletion(name, `${A}/${name}`));
    expect(await take(gone)).toMatchObject({ deleted: 2, unchanged: 1, refused: [] });
    const host = deletion('Patient/ana', 'https://a.example/p?x=1');
    const again = await take([...gone, host]);
    expect(again).toMatchObject({ deleted: 0, unchanged: 3 });
    expect(codes(again)).toEqual(['FHIR_REFERENCE_UNRESOLVED']);
    expect(await owners()).toEqual({ ' keep': 'ana', ' gone': 'ana' });
    expect(await take([deletion('Patient/ana')])).toMatchObject({ deleted: 1 });
    expect(await rows()).toEqual([]);
  });

  test('is not outlived by a line that waited for its patient', async () => {
    const o = observation('o', 'ana');
    const gone = deletion('Observation/o');
    const waited = await take([o, gone, patient('ana')]);
    expect(waited).toMatchObject({ ...NO_ENDS, taken: 1, unchanged: 2, refused: [] });
    expect(await rows()).toEqual([]);
    await db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
    expect(await take([gone, o, patient('ana')])).toMatchObject({ taken: 2, unchanged: 1 });
    expect(await rows()).toHaveLength(1);
  });

  test('in a later file is not outlived by what waited in one before', async () => {
    const texts = {
      'a.ndjson': JSON.stringify(observation('o', 'ana')),
      'b.json': JSON.stringify(bundle({ resource: observation('p', 'ana') })),
      'c.ndjson': ['o', 'p', 'q']
        .map((id) => JSON.stringify(deletion(`Observation/${id}`)))
        .join('\n'),
      'd.ndjson': JSON.stringify(observation('q', 'ana')),
      'e.json': JSON.stringify(bundle({ resource: patient('ana') })),
    };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
    await importPath(db, folder);
    expect(await owners()).toEqual({ ' q': 'ana' });
  });

  test.each([
    ['conditional', 'Observation?status=final'],
    ['of a whole type', 'Observation'],
    ['of one version', 'Observation/gone/_history/1'],
    ['by a path of the host', '/Observation/gone'],
    ['of an id that is none', 'Observation/a b'],
  ])('that is %s is refused', async (_, url) => {
    await stored();
    expect(codes(await take([deletion(url)]))).toEqual(['FHIR_INVALID']);
    expect(await rows()).toHaveLength(2);
  });
});

describe('versions', () => {
  const R = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
  const newer = { versionId: '2', lastUpdated: '2024-02-02T00:00:00Z' };
  const older = { versionId: '1', lastUpdated: '2024-01-01T00:00:00Z' };
  const versions = (meta: object, changes: readonly object[]) =>
    changes.map((change, i) => observation(`s${i}`, 'ana', { meta, ...change }));

  test.each([
    ['the newer first', (a: object[], b: object[]) => [...a, ...b]],
    ['the older first', (a: object[], b: object[]) => [...b, ...a]],
  ])('an older one neither un-retracts nor un-labels nor overwrites: %s', async (_, order) => {
    const now = versions(newer, [
      { valueQuantity: { value: 80 } },
      { status: 'entered-in-error' },
      { meta: { ...newer, security: [R] } },
    ]);
    const before = versions(older, [{}, {}, {}]);
    await take([patient('ana')]);
    for (const line of order(now, before)) await take([line]);
    expect(await rows()).toMatchObject([
      { id: 's0', value: '80' },
      { id: 's2', labels: expect.anything() },
    ]);
    const all = await take([...now, ...before]);
    expect(all).toMatchObject({ ...NO_ENDS, unchanged: 6, refused: [] });
  });

  test('a retraction that is older than what is stored is named', async () => {
    await take([patient('ana'), ...versions(newer, [{}])]);
    const [retraction] = versions(older, [{ status: 'entered-in-error' }]);
    const report = await take([retraction ?? {}]);
    expect(report).toMatchObject({ ...NO_ENDS, refused: [{ code: 'FHIR_OUTDATED' }] });
    expect(report.refused[0]?.path).toBe('line 1 (Observation/s0)');
    expect(await rows()).toHaveLength(1);
  });

  test('both in one bundle: the newer is kept', async () => {
    for (const metas of [
      [older, newer],
      [newer, older],
    ]) {
      const entries = metas.map((meta, i) =>
        at(
          A,
          observation('v', 'ana', {
            meta,
            status: i ? 'final' : 'amended',
            valueQuantity: { value: Number(meta.versionId) },
          }),
        ),
      );
      const report = await takeBundle(bundle(at(A, patient('ana')), ...entries));
      expect(report.refused).toEqual([]);
      expect(endedCount(report)).toBe(3);
      expect(await rows()).toMatchObject([{ id: 'v', value: '2' }]);
      await db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
    }
  });

  test('two contents under one are refused, the same content under a newer is no change', async () => {
    await take([patient('ana'), ...versions(older, [{}])]);
    expect(codes(await take(versions(older, [{ status: 'amended' }])))).toEqual([
      'FHIR_VERSION_CONFLICT',
    ]);
    expect(await take(versions(newer, [{}]))).toMatchObject({ taken: 0, unchanged: 1 });
    const between = { versionId: '7', lastUpdated: '2024-01-15T00:00:00Z' };
    expect(await take(versions(between, [{ status: 'amended' }]))).toMatchObject({ unchanged: 1 });
  });

  test('of the future are refused by name, and hide no later one', async () => {
    const future = { lastUpdated: '2999-01-01T00:00:00Z' };
    await take([patient('ana')]);
    const [refused] = (await take([observation('o', 'ana', { meta: future })])).refused;
    expect(refused).toMatchObject({
      code: 'FHIR_INVALID',
      detail: 'Observation.meta.lastUpdated is after now',
    });
    expect(await take([observation('o', 'ana', { meta: newer })])).toMatchObject({ taken: 1 });
    expect(codes(await take([deletion('Observation/o', undefined, future)]))).toEqual([
      'FHIR_INVALID',
    ]);
    expect(await rows()).toHaveLength(1);
    expect(await take([deletion('Observation/o', undefined, newer)])).toMatchObject({ deleted: 1 });
  });

  test('a part never stands for the whole', async () => {
    const tag = [{ system: 'http://hl7.org/fhir/v3/ObservationValue', code: 'SUBSETTED' }];
    await take([patient('ana'), observation('o', 'ana')]);
    const part = observation('o', 'ana', { meta: { ...newer, tag }, valueQuantity: undefined });
    expect(codes(await take([part]))).toEqual(['FHIR_SUBSETTED']);
    expect(await rows()).toMatchObject([{ value: '6.5' }]);
  });
});

/** Makes a line of some kind; equal kinds and numbers are equal lines. */
const KINDS: readonly ((n: number) => string)[] = [
  (n) => JSON.stringify(patient(`p${n}`)),
  (n) => JSON.stringify(observation(`o${n}`, `p${n}`)),
  (n) => JSON.stringify(condition(`c${n}`, `p${n}`, { meta: { versionId: `${n}` } })),
  (n) => JSON.stringify(condition('c', `p${n}`, { meta: { versionId: `${n}` } })),
  (n) => JSON.stringify(observation(`i${n}`, '', { subject: { display: 'x' } })),
  (n) => JSON.stringify(observation(LONG(`${n}`), `p${n}`)),
  (n) => JSON.stringify({ resourceType: 'Location', id: `l${n}` }),
  (n) => JSON.stringify({ resourceType: 'Spaceship', id: `s${n}` }),
  (n) => JSON.stringify({ resourceType: 'Parameters', id: `s${n}` }),
  (n) => JSON.stringify(deletion(`Observation/o${n}`)),
  (n) => JSON.stringify(deletion(`Patient/p${n}`)),
  (n) => JSON.stringify(deletion(`Patient?x=${n}`)),
  (n) => `{"resourceType":"Patient","resourceType":"Patient","id":"p${n}"}`,
  () => '{broken',
];

describe('every line of an import ends in one way', () => {
  const line = fc.tuple(fc.nat(KINDS.length - 1), fc.nat(3)).map(([k, n]) => KINDS[k]?.(n) ?? '');
  const isEntry = (text: string) =>
    text.startsWith('{"resource') &&
    !text.includes('"Bundle"') &&
    !text.includes('"resourceType":"Patient","resourceType"');
  const inBundle = fc.array(line.filter(isEntry), { maxLength: 4 }).map((texts) => ({
    text: `{"resourceType":"Bundle","type":"batch","entry":[${texts.map((text) => `{"resource":${text}}`).join(',')}]}`,
    entries: texts.length,
  }));
  const alone = line.map((text) => ({ text, entries: 1 }));
  const file = fc.array(
    fc.oneof({ weight: 4, arbitrary: alone }, { weight: 1, arbitrary: inBundle }),
    {
      maxLength: 30,
    },
  );

  test('and the ends add up to the lines, and the entries of lines that are bundles', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (lines) => {
        await db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
        const entries = lines.reduce((sum, one) => sum + one.entries, 0);
        const text = lines.map((one) => one.text).join('\n');
        expect(endedCount(await takeText('g.ndjson', text))).toBe(entries);
        const again = await takeText('g.ndjson', text);
        expect(endedCount(again)).toBe(entries);
      }),
      { seed: 20_261_130, numRuns: 40 },
    );
  });
});
