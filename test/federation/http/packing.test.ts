import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
} from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../../src/federation/document/limits.js';
import { institution, startGateway, startWidgetNode } from '../../support/federation/stand.js';

let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  node = await startWidgetNode();
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)]);
  await gateway.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => Promise.all([gateway.close(), node.app.close()]));

const ENDPOINTS = [
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const;

const LONG = { query: '{ __schema { types { name fields { name description } } } }' };
const SHORT = { query: '{ token }' };

describe.each(ENDPOINTS)('answers of the %s', (_name, app, url) => {
  const ask = (body: unknown, headers: Record<string, string>) =>
    app().inject({
      method: 'POST',
      url,
      payload: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });

  test.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['br;q=0.5, gzip', 'gzip', gunzipSync],
    ['br;q=0, *', 'gzip', gunzipSync],
  ] as const)('are compressed for a client that accepts %s', async (accepted, encoding, unpack) => {
    const plain = await ask(LONG, {});
    const packed = await ask(LONG, { 'accept-encoding': accepted });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe(encoding);
    expect(packed.headers.vary).toContain('accept-encoding');
    expect(Number(packed.headers['content-length'])).toBe(packed.rawPayload.length);
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
    expect(unpack(packed.rawPayload).toString()).toBe(plain.body);
  });

  test.each(['identity', 'deflate', 'zstd', '', 'br;q=0, gzip;q=0'])(
    'and not for %j',
    async (accepted) => {
      const { headers, statusCode } = await ask(LONG, { 'accept-encoding': accepted });
      expect([statusCode, headers['content-encoding']]).toEqual([200, undefined]);
    },
  );

  test('nor where that makes nothing shorter', async () => {
    const { headers } = await ask(SHORT, { 'accept-encoding': 'br, gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });
});

test('a page that may hold a token is never packed: its length would tell of it', async () => {
  for (const path of ['/graphql?persona=x', '/explorer?persona=x']) {
    const headers = { accept: 'text/html', 'accept-encoding': 'br, gzip' };
    const page = await gateway.inject({ url: path, headers });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-encoding']).toBeUndefined();
  }
});

const PACKINGS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['identity', (text: string) => Buffer.from(text)],
] as const;

/** Fragments that each spread the next twice: 2^40 fields in a kilobyte. */
const EXPONENTIAL = `{ widgets { nodes { ...F0 } } } ${Array.from(
  { length: 40 },
  (_, i) => `fragment F${i} on Widget { self { ...F${i + 1} } s: self { ...F${i + 1} } }`,
).join(' ')} fragment F40 on Widget { id }`;

describe.each(ENDPOINTS)('bodies to the %s', (_name, app, url) => {
  const send = async (payload: Buffer, encoding: string, more: Record<string, string> = {}) => {
    const answer = await app().inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding, ...more },
    });
    const { data, errors } = answer.json();
    return { status: answer.statusCode, data, code: errors?.[0]?.extensions.code };
  };

  test.each(PACKINGS)('are unpacked: %s', async (encoding, pack) => {
    const { status, data } = await send(pack(JSON.stringify(SHORT)), encoding);
    expect([status, Object.keys(data)]).toEqual([200, ['token']]);
  });

  test.each(PACKINGS)('are bounded as they are unpacked: %s', async (encoding, pack) => {
    const padded = (bytes: number) => {
      const body = { ...SHORT, variables: { padding: '' } };
      const padding = 'x'.repeat(bytes - JSON.stringify(body).length);
      return pack(JSON.stringify({ ...SHORT, variables: { padding } }));
    };
    expect((await send(padded(MAX_BODY_BYTES), encoding)).status).toBe(200);
    const refused = await send(padded(MAX_BODY_BYTES + 1), encoding);
    expect([refused.status, refused.code]).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test.each(PACKINGS)('hide no document from what measures it: %s', async (encoding, pack) => {
    const refused = await send(pack(JSON.stringify({ query: EXPONENTIAL })), encoding);
    expect([refused.status, refused.code]).toEqual([413, 'INPUT_TOO_LARGE']);
  });

  test.each([
    ['cut short', gzipSync(JSON.stringify(SHORT)).subarray(0, -9), 'gzip', 400],
    ['not packed at all', Buffer.from(JSON.stringify(SHORT)), 'gzip', 400],
    ['packed otherwise', gzipSync(JSON.stringify(SHORT)), 'br', 400],
    ['packed twice', gzipSync(gzipSync(JSON.stringify(SHORT))), 'gzip, gzip', 415],
    ['packed twice, said once', gzipSync(gzipSync(JSON.stringify(SHORT))), 'gzip', 400],
    ['packed by what nobody knows', Buffer.from('x'), 'zip', 415],
  ] as const)(
    'that are %s are refused, and the server goes on',
    async (_how, payload, encoding, status) => {
      expect(await send(payload, encoding)).toMatchObject({ status, code: 'BAD_INPUT' });
      expect((await send(gzipSync(JSON.stringify(SHORT)), 'gzip')).status).toBe(200);
    },
  );
});

/** Four megabytes that unpack to four thousand: as many gzip members as fit. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20), { level: 9 });
  const count = Math.floor((MAX_BODY_BYTES - 1) / member.length);
  return Buffer.concat(Array.from({ length: count }, () => member));
}

/** A stream of bodies that unpack to nothing. @returns the status, and how many bytes were taken of it. */
async function sendEmptyMembers(): Promise<{ status: number | undefined; taken: number }> {
  const members = Buffer.concat(Array.from({ length: 3_000 }, () => gzipSync('')));
  const { port } = gateway.server.address() as AddressInfo;
  const sent = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  let taken = 0;
  let isOver = false;
  sent.on('error', () => undefined);
  const answered = once(sent, 'response').finally(() => {
    isOver = true;
  }) as Promise<[IncomingMessage]>;
  while (!isOver && taken < 4 * MAX_BODY_BYTES) {
    taken += members.length;
    if (!sent.write(members)) await Promise.race([once(sent, 'drain'), answered]);
  }
  sent.end();
  const [answer] = await answered;
  answer.resume();
  return { status: answer.statusCode, taken };
}

test('a body that unpacks to nothing is bounded by what came packed', async () => {
  const { status, taken } = await sendEmptyMembers();
  expect(status).toBe(413);
  // What sockets hold of it on both sides comes beside.
  expect(taken).toBeLessThan(3 * MAX_BODY_BYTES);
});

test('a bomb is left where it goes over: no more of it is unpacked', async () => {
  const payload = bomb();
  expect(payload.length).toBeLessThan(MAX_BODY_BYTES);
  const sent = httpRequest({
    ...{
      host: '127.0.0.1',
      port: (gateway.server.address() as AddressInfo).port,
      path: '/graphql',
      method: 'POST',
    },
    headers: {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': payload.length,
    },
  });
  // The server closes once it has refused; not all of the body is taken.
  sent.on('error', () => undefined);
  sent.end(payload);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(413);
  answer.resume();
  await delay(300);
  const before = process.cpuUsage();
  await delay(1_000);
  const { user, system } = process.cpuUsage(before);
  // Unpacking all of it takes several seconds of a core.
  expect((user + system) / 1_000).toBeLessThan(250);
  expect((await gateway.inject('/graphql?query=%7Btoken%7D')).statusCode).toBe(200);
});
