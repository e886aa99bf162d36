import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { SUBTREE_KEY_HEADER } from '../../../src/core/subtree-key.js';
import { usualServerLimits } from '../../../src/federation/http/server-limits.js';
import { institution, startGateway, startWidgetNode } from '../../support/federation/stand.js';

const PORTAL = 'https://portal.example';
let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;
let listing: FastifyInstance;

beforeAll(async () => {
  node = await startWidgetNode();
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)]);
  listing = await startGateway([], {
    limits: { ...usualServerLimits('gateway'), corsOrigins: `${PORTAL},http://127.0.0.1:9` },
  });
});
afterAll(() => Promise.all([gateway.close(), node.app.close(), listing.close()]));

const ENDPOINTS = [
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const;

const JSON_TYPE = { 'content-type': 'application/json' };
const posted = (payload: unknown, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  headers: { ...JSON_TYPE, ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
});

/** What a browser asks before it sends a page's request. */
async function preflight(app: FastifyInstance, url: string, asked: string, origin = PORTAL) {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': asked,
  };
  const answer = await app.inject({ method: 'OPTIONS', url, headers });
  return {
    status: answer.statusCode,
    origin: answer.headers['access-control-allow-origin'],
    credentials: answer.headers['access-control-allow-credentials'],
    headers: String(answer.headers['access-control-allow-headers'] ?? '')
      .split(', ')
      .filter((name) => name !== ''),
  };
}

describe.each(ENDPOINTS)('a page of another origin, at the %s', (_name, app, url) => {
  test.each<readonly [string, InjectOptions, number]>([
    ['an answer', posted({ query: '{ token }' }), 200],
    ['a refused document', posted({ query: '{ nothing }' }), 400],
    ['what is not JSON', posted('{"query": '), 400],
    ['another content type', posted('x', { 'content-type': 'text/plain' }), 415],
    ['a body too large', posted({ query: `#${'x'.repeat(5_000_000)}` }), 413],
    ['a path that is not there', { ...posted({}), path: '/nowhere' }, 404],
    ['a method that is not there', { method: 'PUT' }, 405],
    ['no form of answer', posted({ query: '{ token }' }, { accept: 'image/png' }), 406],
    ['a false host', posted({ query: '{ token }' }, { host: 'a/b' }), 400],
    ['whether the process lives', { path: '/livez' }, 200],
  ])('may read %s, and what its head says', async (_what, { path = url, ...request }, status) => {
    const headers = { ...request.headers, origin: PORTAL };
    const answer = await app().inject({ ...request, headers, url: String(path) });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['dpop-nonce', 'retry-after', 'x-request-id']));
  });

  test.each([
    ['Apollo Client', 'apollo-require-preflight,x-apollo-operation-name,content-type'],
    ['Apollo Client by name', 'apollographql-client-name,apollographql-client-version'],
    ['urql', 'accept,content-type'],
    ['W3C Trace Context', 'baggage,traceparent,tracestate'],
    ['the kit', 'authorization,content-type,dpop'],
    ['a wallet that reads paths', SUBTREE_KEY_HEADER],
    ['who packs its bodies', 'content-encoding,x-request-id'],
  ])('may send the headers of %s, and no other', async (_who, asked) => {
    const answer = await preflight(app(), url, `${asked},cookie,x-forwarded-for`);
    expect(answer).toEqual({
      status: 204,
      origin: '*',
      credentials: undefined,
      headers: asked.split(','),
    });
  });
});

test('of many origins those that are named may ask, and no other may even read a refusal', async () => {
  const asked = 'content-type';
  expect(await preflight(listing, '/graphql', asked)).toMatchObject({ origin: PORTAL });
  for (const origin of ['https://evil.example', `${PORTAL}.evil.example`, 'null', '*', 'none']) {
    const refused = await preflight(listing, '/graphql', asked, origin);
    expect([refused.status, refused.origin, refused.headers]).toEqual([204, undefined, []]);
    for (const query of ['{ token }', '{ nothing }']) {
      const answer = await listing.inject({ url: '/graphql', ...posted({ query }, { origin }) });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  }
  const rightful = posted({ query: '{ token }' }, { origin: PORTAL });
  const { headers } = await listing.inject({ url: '/graphql', ...rightful });
  expect(headers['access-control-allow-origin']).toBe(PORTAL);
  expect(headers.vary).toContain('origin');
});

test('a refused token says its nonce and when to ask again, readably', async () => {
  const refusing = await startWidgetNode({
    open: async () => {
      throw new DomainError('DPOP_NONCE_REQUIRED', { nonce: 'n1' });
    },
  });
  const answer = await refusing.app.inject({ url: '/trials', ...posted({ query: '{ token }' }) });
  expect(answer.headers['dpop-nonce']).toBe('n1');
  expect(answer.headers['access-control-expose-headers']).toContain('dpop-nonce');
  await refusing.app.close();
});

describe('by GET', () => {
  const get = (query: string, headers = {}) =>
    gateway.inject({ url: `/graphql?query=${encodeURIComponent(query)}`, headers });

  test('a query is answered as urql and Apollo send it, without a header of its own', async () => {
    for (const accept of [
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
      '*/*',
    ]) {
      const answer = await get('{ token }', { accept, origin: PORTAL });
      expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([
        200,
        '*',
      ]);
    }
  });

  test('a mutation is not carried out, whatever it brings', async () => {
    for (const headers of [{}, { 'apollo-require-preflight': '1' }]) {
      const answer = await get('mutation { touch }', headers);
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
      expect(answer.json().data).toBeUndefined();
    }
  });

  test('a page with a minted token is read by no other site', async () => {
    for (const url of ['/graphql', '/explorer', '/graphql?persona=x']) {
      const headers = { accept: 'text/html', origin: PORTAL, host: '127.0.0.1:4000' };
      const page = await gateway.inject({ url, headers });
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});
