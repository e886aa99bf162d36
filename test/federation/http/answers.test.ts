import { type AddressInfo, connect } from 'node:net';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { createReadiness } from '../../../src/federation/readiness.js';
import { institution, startGateway, startWidgetNode } from '../../support/federation/stand.js';
import { SILENT } from '../../support/network/stand.js';

let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;
let touched = 0;

beforeAll(async () => {
  node = await startWidgetNode({
    open: async ({ headers }) => {
      if (headers['x-busy'] !== undefined) throw new DomainError('LEDGER_UNAVAILABLE');
      touched += 1;
      return 'opened';
    },
  });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)]);
  await gateway.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => Promise.all([gateway.close(), node.app.close()]));

const ENDPOINTS = [
  ['gateway', () => gateway, '/graphql', 'GET, HEAD, OPTIONS, POST'],
  ['node', () => node.app, '/trials', 'OPTIONS, POST'],
] as const;

const JSON_TYPE = { 'content-type': 'application/json' };
const posted = (payload: unknown, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }) satisfies InjectOptions;
const ASKED = { query: '{ token }' };

describe.each(ENDPOINTS)('at the %s', (_name, app, url, methods) => {
  test.each<readonly [string, InjectOptions, number]>([
    ['what fails within', posted({ query: '{ token broken }' }), 200],
    ['a refused document', posted({ query: '{ nothing }' }), 400],
    ['what is not JSON', posted('{"query": '), 400],
    [
      'what is not UTF-8',
      { ...posted(''), payload: Buffer.from('{"query":"{ token }","a":"\xe9"}', 'latin1') },
      400,
    ],
    ['a path that is not there', { ...posted(ASKED), path: '/nowhere' }, 404],
    ['a method that is not there', { method: 'DELETE' }, 405],
    ['no form of answer', posted(ASKED, { accept: 'text/html;q=0.9, image/*' }), 406],
    ['a body too large', posted({ query: `#${'x'.repeat(5_000_000)}` }), 413],
    ['another content type', posted(ASKED, { 'content-type': 'application/xml' }), 415],
    ['a form', posted(ASKED, { 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['plain text', posted(ASKED, { 'content-type': 'text/plain' }), 415],
    ['no content type', { method: 'POST', payload: Buffer.from('{}') }, 415],
    [
      'another character set',
      posted(ASKED, { 'content-type': 'application/json; charset=utf-16' }),
      415,
    ],
    ['another packing', posted(ASKED, { 'content-encoding': 'compress' }), 415],
  ])('%s is told in one shape, with the id of its answer', async (_what, request, status) => {
    const { path = url, ...asked } = request;
    const answer = await app().inject({ ...asked, url: String(path) });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json; charset=utf-8$/);
    const { requestId, code, retry } = answer.json().errors[0].extensions;
    expect(answer.headers['x-request-id']).toBe(requestId);
    expect([code, retry].every((word) => typeof word === 'string')).toBe(true);
  });

  test.each([
    'application/json',
    'application/json; charset=UTF-8',
    'application/json;charset="utf-8"',
  ])('JSON in UTF-8 is read: %s', async (type) => {
    const answer = await app().inject({ url, ...posted(ASKED, { 'content-type': type }) });
    expect(answer.statusCode).toBe(200);
  });

  test('an id is the server’s, and another for each answer', async () => {
    const ids = new Set<unknown>();
    for (const path of [url, url, '/livez', '/health', '/nowhere']) {
      const sent = posted(ASKED, { 'x-request-id': 'the-callers' });
      const request = path === url ? sent : { headers: sent.headers };
      ids.add((await app().inject({ ...request, url: path })).headers['x-request-id']);
    }
    expect(ids.size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a method that a path does not have is told which it has', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH'] as const) {
      const { headers, statusCode } = await app().inject({ method, url });
      expect([statusCode, headers.allow]).toEqual([405, methods]);
    }
    const health = await app().inject({ ...posted({}), url: '/health' });
    expect([health.statusCode, health.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    for (const [path, status, allow] of [
      [url, 204, methods],
      ['/livez?x=1', 204, 'GET, HEAD, OPTIONS'],
      ['/nowhere', 404, undefined],
    ] as const) {
      const options = await app().inject({ method: 'OPTIONS', url: path });
      expect([options.statusCode, options.headers.allow]).toEqual([status, allow]);
    }
  });

  test('what no answer could be told of is not carried out', async () => {
    const before = touched;
    const asked = posted({ query: 'mutation { touch }' }, { accept: 'image/png' });
    expect((await app().inject({ ...asked, url })).statusCode).toBe(406);
    expect(touched).toBe(before);
    for (const accept of ['*/*', 'application/json;q=0.1', 'application/graphql-response+json']) {
      const answer = await app().inject({ ...posted(ASKED, { accept }), url });
      expect(answer.statusCode).toBe(200);
    }
  });

  test('says when to ask again wherever that helps, and nowhere else', async () => {
    const query = (text: string) => app().inject({ ...posted({ query: text }), url });
    const failed = await query('{ broken }');
    expect(failed.json().errors[0].extensions.retry).toBe('LATER');
    expect(failed.headers['retry-after']).toBe('5');
    // A code whose facts name seconds, and which no waiting mends.
    const refused = await query('{ refused }');
    expect(refused.json().errors[0].extensions.retry).toBe('NEVER');
    for (const { headers } of [refused, await query('{ token }'), await query('{ no }')]) {
      expect(headers['retry-after']).toBeUndefined();
    }
  });
});

test('an outage at the door says when to ask again', async () => {
  const busy = await node.app.inject({ ...posted(ASKED, { 'x-busy': '1' }), url: '/trials' });
  const readiness = createReadiness([], SILENT);
  readiness.beginStop();
  const stopping = createNodeServer({ logger: SILENT, health: () => ({}), readiness });
  const unready = await stopping.inject('/readyz');
  for (const { statusCode, headers } of [busy, unready]) {
    expect([statusCode, headers['retry-after']]).toEqual([503, '5']);
  }
  await stopping.close();
});

test('HEAD is GET without its body', async () => {
  const url = '/graphql?query=%7Btoken%7D';
  const [get, head] = [await gateway.inject(url), await gateway.inject({ method: 'HEAD', url })];
  expect([get.statusCode, head.statusCode, head.body]).toEqual([200, 200, '']);
  expect(head.headers['content-type']).toBe(get.headers['content-type']);
  const mutation = '/graphql?query=mutation%7Btouch%7D';
  expect((await gateway.inject({ method: 'HEAD', url: mutation })).statusCode).toBe(405);
  const fields = Array.from({ length: 600 }, () => 'token').join(' ');
  const large = `/graphql?query=${encodeURIComponent(`{${fields}}`)}`;
  expect((await gateway.inject({ method: 'HEAD', url: large })).statusCode).toBe(413);
  const page = { accept: 'text/html' };
  const shown = await gateway.inject({ method: 'HEAD', url: '/graphql', headers: page });
  expect([shown.statusCode, shown.body]).toEqual([200, '']);
});

/** Sends requests one after another over one connection, and returns all that comes back. */
async function overOneConnection(requests: readonly string[]): Promise<string> {
  const { port } = new URL(`http://127.0.0.1:${(gateway.server.address() as AddressInfo).port}`);
  const socket = connect(Number(port), '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  for (const [i, request] of requests.entries()) {
    socket.write(request);
    await expect.poll(() => heard.split('HTTP/1.1 ').length - 1).toBe(i + 1);
  }
  socket.destroy();
  return heard;
}

test('a connection is kept for the next request, after refusals too', async () => {
  const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;
  const heard = await overOneConnection([
    get('/nowhere'),
    'PUT /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n',
    get('/graphql?query=%7Btoken%7D', 'accept: image/png\r\n'),
    get('/graphql?query=%7Bnothing%7D'),
    get('/graphql?query=%7Btoken%7D'),
  ]);
  expect([...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
    ...['404', '405', '406', '400', '200'],
  ]);
  expect(heard).toMatch(/keep-alive: timeout=72/i);
});

test('what is no HTTP has an id and a shape as well', async () => {
  const heard = await overOneConnection(['GET / HTTP/1.1\r\nhost x\r\n\r\n']);
  const [head = '', body = ''] = heard.split('\r\n\r\n');
  const { requestId } = JSON.parse(body).errors[0].extensions;
  expect(head).toContain(`x-request-id: ${requestId}`);
});
