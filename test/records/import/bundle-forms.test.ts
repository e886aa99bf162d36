import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { observation, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

const TABLES =
  'resource, patient, clinical_record, patient_key, long_id, patient_merge, merged_patient';
const PERSON = 'urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e2';
let server: DatabaseServer;
let db: Database;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
});
beforeEach(() => db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`)));
afterAll(() => server.close());

const take = (type: string, ...entry: readonly object[]) =>
  importBundle(db, { resourceType: 'Bundle', type, entry }, { source: 'b.json' });

async function owners(): Promise<readonly string[]> {
  const found = await db.transaction((tx) =>
    tx.execute('SELECT server, id, patient_id FROM clinical_record ORDER BY server, id'),
  );
  return rowsOf<{ server: string; id: string; patient_id: string }>(found).map(
    ({ server: of, id, patient_id }) => `${of} ${id} of ${patient_id}`.trim(),
  );
}

const COMPOSITION = {
  resourceType: 'Composition',
  id: 'c1',
  status: 'final',
  title: 'Summary',
  type: { coding: [{ system: 'http://loinc.org', code: '60591-5' }] },
  date: '2026-01-01',
  author: [{ display: 'x' }],
  subject: { reference: 'Patient/p1' },
};
const HEADER = {
  resourceType: 'MessageHeader',
  id: 'm1',
  source: { endpoint: 'urn:x:lab' },
  eventCoding: { system: 'urn:x:events', code: 'result' },
};
const about = (reference: string) => observation('o1', '', { subject: { reference } });
/** Without an id of its own. */
function nameless<T extends { readonly id?: string }>(resource: T): Omit<T, 'id'> {
  const { id: _, ...rest } = resource;
  return rest;
}

describe('a bundle of this type is taken', () => {
  test.each([
    ['document', COMPOSITION],
    ['message', HEADER],
    ['history', undefined],
    ['searchset', undefined],
    ['collection', undefined],
  ])('%s', async (type, head) => {
    const resources = [patient('p1'), observation('o1', 'p1')];
    const entries = [...(head === undefined ? [] : [head]), ...resources];
    const report = await take(type, ...entries.map((resource) => ({ resource })));
    expect(report.refused).toEqual([]);
    expect(await owners()).toEqual([expect.stringMatching(/o1 of .*p1$/)]);
  });

  test('document, whose entries are named by urn:uuid', async () => {
    const report = await take(
      'document',
      { fullUrl: 'urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e1', resource: COMPOSITION },
      { fullUrl: PERSON, resource: patient('p1') },
      { resource: about(PERSON.toUpperCase().replace('URN:UUID', 'urn:uuid')) },
    );
    expect(report.refused).toEqual([]);
    expect(await owners()).toEqual([expect.stringMatching(/o1 of .*p1$/)]);
  });

  test('history, in whatever order its versions come', async () => {
    const version = (versionId: string, value: number) => ({
      fullUrl: 'https://a.example/fhir/Observation/o1',
      request: { method: 'PUT', url: 'Observation/o1' },
      resource: {
        ...observation('o1', 'p1', { valueQuantity: { value, unit: 'kg' } }),
        meta: { versionId },
      },
    });
    const person = {
      fullUrl: 'https://a.example/fhir/Patient/p1',
      request: { method: 'PUT', url: 'Patient/p1' },
      resource: patient('p1'),
    };
    const report = await take('history', version('2', 2), person, version('1', 1));
    expect(report.refused).toEqual([]);
    expect(await owners()).toHaveLength(1);
  });
});

test.each(['transaction-response', 'batch-response', 'subscription-notification'])(
  'a bundle of type %s is refused by name',
  async (type) => {
    const report = await take(type, { resource: patient('p1') });
    expect(report).toMatchObject({ taken: 0, refused: [{ code: 'FHIR_INVALID' }] });
    expect(report.refused[0]?.detail).toContain('Bundle.type');
  },
);

test.each(['Patient/p2', 'Patient/p1', '/Patient/p1', 'p1', '', '#p1', '//a.example/Patient/p1'])(
  'a fullUrl that is not absolute is refused: %s',
  async (fullUrl) => {
    const report = await take('collection', { fullUrl, resource: patient('p1') });
    expect(report).toMatchObject({ taken: 0, refused: [{ code: 'FHIR_INVALID' }] });
    expect(report.refused[0]?.detail).toBe('fullUrl is not an absolute URL');
    const request = { method: 'DELETE', url: 'Patient/p1' };
    expect(await take('transaction', { fullUrl, request })).toMatchObject({
      refused: [{ detail: 'fullUrl is not an absolute URL' }],
    });
  },
);

test.each(['https://a.example/fhir/Patient/p2', 'https://a.example/fhir/Group/p1'])(
  'a fullUrl that says another name than the resource is refused: %s',
  async (fullUrl) => {
    const report = await take('collection', { fullUrl, resource: patient('p1') });
    expect(report).toMatchObject({ taken: 0, refused: [{ code: 'FHIR_INVALID' }] });
  },
);

describe('request.url of a PUT', () => {
  test('names the resource, as an id of its own does', async () => {
    const report = await take(
      'transaction',
      {
        fullUrl: PERSON,
        resource: nameless(patient('p1')),
        request: { method: 'PUT', url: 'Patient/mrn-7' },
      },
      {
        resource: nameless(about(PERSON)),
        request: { method: 'PUT', url: 'Observation/obs-7' },
      },
    );
    expect(report).toMatchObject({ taken: 2, refused: [] });
    expect(await owners()).toEqual([expect.stringMatching(/obs-7 of .*mrn-7$/)]);
    const again = await take('transaction', {
      fullUrl: PERSON.replace('2c', '3c'),
      resource: nameless(patient('p1')),
      request: { method: 'PUT', url: 'Patient/mrn-7' },
    });
    expect(again).toMatchObject({ taken: 0, unchanged: 1 });
  });

  test('names its server, where it is a whole URL', async () => {
    await take(
      'transaction',
      { resource: patient('p1') },
      {
        resource: nameless(patient('p1')),
        request: { method: 'PUT', url: 'https://b.example/fhir/Patient/p1' },
      },
    );
    const found = await db.transaction((tx) => tx.execute('SELECT server FROM resource'));
    expect(
      rowsOf<{ server: string }>(found)
        .map((row) => row.server)
        .sort(),
    ).toEqual(['', 'https://b.example/fhir']);
  });

  test.each([
    ['another id', 'Patient/p2'],
    ['another type', 'Observation/p1'],
    ['a condition', 'Patient?identifier=urn:x|7'],
    ['nothing', 'Patient'],
  ])('is refused where it names %s', async (_, url) => {
    const report = await take('batch', {
      resource: patient('p1'),
      request: { method: 'PUT', url },
    });
    expect(report).toMatchObject({ taken: 0, refused: [{ code: 'FHIR_INVALID' }] });
    expect(report.refused[0]?.detail).toContain('request.url of a PUT');
    expect(report.refused[0]?.detail).not.toContain(url);
  });
});
