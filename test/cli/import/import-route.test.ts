import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeOperator } from '../../../src/consent/operators/revoke.js';
import { newestUses } from '../../../src/consent/operators/use-log.js';
import { importJob } from '../../../src/consent/tables/table-import-job.js';
import { operatorAudience } from '../../../src/core/operator/audience.js';
import { secondsFromUnixMs } from '../../../src/core/time.js';
import { countRows } from '../../../src/store/count-rows.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import { EPCIS, linesOf, TRIALS } from '../../support/cli/delivery.js';
import { ImportingNode, NDJSON } from '../../support/cli/importing-node.js';
import { makeOperator } from '../../support/core/operator-keys.js';
import { RIVERSIDE } from '../../support/names.js';
import { condition, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;
let node: ImportingNode;
beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open(RIVERSIDE);
  node = await ImportingNode.start(db, { ASSENT_IMPORT_MEGABYTES: '1' });
});
afterAll(async () => {
  await node.end();
  await server.close();
});

const STUDY = TRIALS['a.json'] ?? '';
const TRIALS_JSON = {
  query: '?standard=trials',
  headers: { 'content-type': 'application/json' },
};
const digestOf = (bytes: Buffer) =>
  `md5=:AAAA:, sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

const code = (body: { errors?: { extensions: { assentCode: string } }[] }) =>
  body.errors?.[0]?.extensions.assentCode;
const jobs = async () => (await node.ask('/import')).body.jobs as readonly { id: string }[];

describe('POST /import', () => {
  test('takes lines, says where their job is, and at the end what became of them', async () => {
    const text = linesOf(patient('ana'), condition('c1', 'ana'), condition('c2', 'nobody'));
    const { status, headers, body } = await node.hand(text, { query: '?name=night.ndjson' });
    expect([status, headers.get('location')]).toEqual([202, `/import/${body.id}`]);
    expect(body).toMatchObject({
      state: 'QUEUED',
      standard: 'fhir',
      name: 'night.ndjson',
      dryRun: false,
      bytes: Buffer.byteLength(text),
      key: node.importer.id,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    const ended = await node.until(body.id, 'DONE');
    expect(ended).toMatchObject({
      report: { taken: 2, unchanged: 0, deleted: 0, withoutPatient: 0, refused: 1 },
      refused: [{ ordinal: 1, path: 'line 3 (Condition/c2)', code: 'FHIR_REFERENCE_UNRESOLVED' }],
    });
    expect(await countRows(db, 'resource')).toBe(2);
    expect(await node.spooled()).toEqual([]);
    expect(JSON.stringify(ended)).not.toMatch(/Secretname|Hidden/);
  });

  test('is a row of the audit log with the id of its job, and so is asking for it', async () => {
    const { body } = await node.hand(STUDY, TRIALS_JSON);
    await node.until(body.id, 'DONE');
    await node.ask('/import/..%2f..%2fetc%2fpasswd');
    const uses = await db.transaction((tx) => newestUses(tx, 500), 'read');
    const about = (operation: string) => uses.find((use) => use.operation === operation)?.about;
    expect(uses.find((use) => use.operation === 'POST /import')).toMatchObject({
      about: body.id,
      outcome: 'ALLOWED',
      key: node.importer.id,
    });
    expect(about('GET /import/:job')).toBeNull();
    expect(uses.filter((use) => use.about === body.id).length).toBeGreaterThan(1);
    expect(about('GET /import')).toBeUndefined();
  });

  test.each<[string, string | Buffer, Record<string, string>]>([
    ['what is packed', gzipSync(STUDY), { 'content-encoding': 'gzip' }],
    [
      'what its digest fits, packed as it is',
      gzipSync(STUDY),
      { 'content-encoding': 'gzip', 'content-digest': digestOf(gzipSync(STUDY)) },
    ],
  ])('takes %s', async (_, body, headers) => {
    const { query } = TRIALS_JSON;
    const how = { query, headers: { ...TRIALS_JSON.headers, ...headers } };
    const { state, report } = await node.take(body as BodyInit, how);
    expect([state, report.taken + report.unchanged, report.refused]).toEqual(['DONE', 1, 0]);
  });

  test.each([
    ['trials', TRIALS['a.json'] ?? '', 'application/json', '?standard=trials'],
    ['epcis', EPCIS['a.json'] ?? '', 'application/ld+json', ''],
    ['epcis', `${EPCIS['b.json']}\n`, 'application/x-ndjson', '?standard=epcis'],
  ])('takes %s', async (standard, body, type, query) => {
    const ended = await node.take(body, { query, headers: { 'content-type': type } });
    expect(ended).toMatchObject({ state: expect.stringMatching(/DONE|REFUSED/), standard });
    expect(ended.report.taken + ended.report.unchanged).toBe(1);
  });

  test('of a dry run says the same, and stores nothing', async () => {
    const before = await countRows(db, 'trial');
    const text = `${TRIALS['c.json']}\n{"protocolSection":7}\n`;
    const headers = { 'content-type': 'application/ndjson' };
    const dry = await node.take(text, { query: '?standard=trials&dryRun=true', headers });
    expect(dry).toMatchObject({ dryRun: true, report: { taken: 1, refused: 1 } });
    expect(await countRows(db, 'trial')).toBe(before);
    const real = await node.take(text, { query: '?standard=trials', headers });
    expect([real.report, real.refused]).toEqual([dry.report, dry.refused]);
    expect(await countRows(db, 'trial')).toBe(before + 1);
  });

  test('pages refusals, and says that nothing was taken', async () => {
    const headers = { 'content-type': 'application/ndjson' };
    const ended = await node.take('{broken\n'.repeat(250), { query: '?standard=epcis', headers });
    expect(ended).toMatchObject({
      state: 'REFUSED',
      report: { taken: 0, refused: 250 },
      next: 100,
    });
    const { body } = await node.ask(`/import/${ended.id}?after=100&first=200`);
    expect([body.refused[0].path, body.refused.length, body.next]).toEqual([
      ...['line 101', 150, undefined],
    ]);
    expect((await node.ask(`/import/${ended.id}?first=0`)).status).toBe(400);
  });
});

describe('nothing is queued, spooled or read for', () => {
  const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
  const nested = gzipSync(gzipSync(linesOf(patient('x'))));
  test.each<
    [string, number, string | Buffer, { query?: string; headers?: Record<string, string> }]
  >([
    ['another content type', 415, 'a,b', { headers: { 'content-type': 'text/csv' } }],
    ['none', 415, Buffer.from('{}'), { headers: {} }],
    ['a standard that the type is not of', 415, '{}', { query: '?standard=epcis' }],
    ['JSON that names no standard', 400, '{}', { headers: { 'content-type': 'application/json' } }],
    ['a standard that is none', 400, '{}', { query: '?standard=pdf' }],
    ['a word that is misspelt', 400, '{}', { query: '?dryrun=true' }],
    ['a name that is a path', 400, '{}', { query: '?name=..%2F..%2Fetc%2Fpasswd' }],
    ['a name that begins with a dot', 400, '{}', { query: '?name=.ssh' }],
    ['a name with a line break', 400, '{}', { query: '?name=a%0Ab' }],
    ['a base that is no URL', 400, '{}', { query: '?base=javascript:1' }],
    ['another coding', 415, '{}', { headers: { ...NDJSON, 'content-encoding': 'br' } }],
    ['two codings', 415, '{}', { headers: { ...NDJSON, 'content-encoding': 'gzip, gzip' } }],
    ['what is no gzip', 400, '{}', { headers: { ...NDJSON, 'content-encoding': 'gzip' } }],
    ['gzip that it does not name', 400, gzipSync('{}'), {}],
    ['gzip in gzip', 400, nested, { headers: { ...NDJSON, 'content-encoding': 'gzip' } }],
    [
      'gzip that is cut off',
      400,
      gzipSync('{}'.repeat(99)).subarray(0, 20),
      {
        headers: { ...NDJSON, 'content-encoding': 'gzip' },
      },
    ],
    ['a bomb', 413, bomb, { headers: { ...NDJSON, 'content-encoding': 'gzip' } }],
    ['more than is taken', 413, Buffer.alloc(1024 * 1024 + 1, 'a'), {}],
    ['nothing', 400, '', {}],
    [
      'another digest',
      400,
      'abc',
      { headers: { ...NDJSON, 'content-digest': digestOf(Buffer.from('abd')) } },
    ],
    [
      'a digest that is none',
      400,
      'abc',
      { headers: { ...NDJSON, 'content-digest': 'sha-256=abc' } },
    ],
  ])('%s', async (_, status, body, how) => {
    const before = await jobs();
    const answer = await node.hand(body as BodyInit, how).catch((failure: unknown) => failure);
    // A client that is still sending may hear of the end of its connection first.
    if (answer instanceof Error) expect(body.length).toBeGreaterThan(1024 * 1024);
    else expect((answer as { status: number }).status).toBe(status);
    expect(await jobs()).toEqual(before);
    expect(await node.spooled()).toEqual([]);
  });

  test('whoever is no importer of this node', async () => {
    const other = operatorAudience(RIVERSIDE, 'https://other.example');
    const revoked = await node.token();
    await db.transaction((tx) =>
      revokeOperator(tx, { kind: 'TOKEN', name: revoked.jti }, secondsFromUnixMs(Date.now())),
    );
    const before = await jobs();
    const stranger = await makeOperator('EdDSA', ['importer']);
    for (const [jwt, status] of [
      [(await node.token(node.officer)).jwt, 403],
      [(await node.token(stranger)).jwt, 403],
      [(await node.token(node.importer, other)).jwt, 401],
      [revoked.jwt, 401],
      ['eyJhbGciOiJub25lIn0.e30.', 401],
    ] as const) {
      expect((await node.hand(linesOf(patient('x')), { jwt })).status).toBe(status);
      expect((await node.ask('/import', { jwt })).status).toBe(status);
    }
    expect(await jobs()).toEqual(before);
  });

  test('a client that leaves before the end, or says a wrong length', async () => {
    const before = await jobs();
    const { jwt } = await node.token();
    for (const length of ['content-length: 1000', 'transfer-encoding: chunked']) {
      const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
      socket.write(
        `POST /import HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${jwt}\r\n${length}\r\n` +
          'content-type: application/fhir+ndjson\r\n\r\n5\r\n{"a":',
      );
      while ((await node.spooled()).length === 0) await delay(10);
      const [name = ''] = await node.spooled();
      expect(statSync(join(node.folder, 'imports', name)).mode & 0o777).toBe(0o600);
      socket.destroy();
      while ((await node.spooled()).length > 0) await delay(10);
    }
    expect(await jobs()).toEqual(before);
  });
});

test("another importer's job is unknown to it: it reads no refusals of it and ends none", async () => {
  const { id } = await node.take(linesOf(patient('own'), condition('c9', 'nobody')));
  const { jwt } = await node.token(node.otherImporter);
  for (const method of ['GET', 'DELETE']) {
    expect((await node.ask(`/import/${id}`, { method, jwt })).status).toBe(404);
  }
  expect((await node.ask('/import', { jwt })).body.jobs).toEqual([]);
  expect((await node.ask(`/import/${id}`)).body.refused).toHaveLength(1);
});

test('refusals are forgotten after thirty days, and their job is not', async () => {
  const { id } = await node.take(linesOf(condition('c8', 'nobody')));
  const old = secondsFromUnixMs(Date.now()) - 31 * 86_400;
  await db.transaction((tx) =>
    tx.update(importJob).set({ receivedAt: old }).where(eq(importJob.id, id)),
  );
  await node.take(linesOf(patient('later')));
  expect((await node.ask(`/import/${id}`)).body).toMatchObject({ state: 'REFUSED', refused: [] });
});

test('a job that there is not is 404, be its name a path or another', async () => {
  for (const id of ['none', '..%2fnight', '00000000-0000-4000-8000-000000000000']) {
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await node.ask(`/import/${id}`, { method });
      expect([status, code(body)]).toEqual([404, 'BAD_INPUT']);
    }
  }
});
