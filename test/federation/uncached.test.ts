import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import {
  institution,
  startGateway,
  startWidgetNode,
  tokenFor,
} from '../support/federation/stand.js';

let node: Awaited<ReturnType<typeof startWidgetNode>>;
let refusing: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  node = await startWidgetNode();
  refusing = await startWidgetNode({
    open: async () => {
      throw new DomainError('TOKEN_INVALID');
    },
  });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)]);
});

afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close(), refusing.app.close()]);
});

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

describe.each(ENDPOINTS)('no cache keeps an answer of the %s', (_name, app, url) => {
  test.each<readonly [string, InjectOptions, number]>([
    ['the right answer', posted({ query: '{ token }' }), 200],
    ['a fault of ours', posted({ query: '{ broken }' }), 200],
    ['a refused document', posted({ query: '{ nothing }' }), 400],
    ['what is not JSON', posted('{"query": '), 400],
    ['a batch', posted([{ query: '{ token }' }]), 400],
    ['a form', posted('query=x', { 'content-type': 'text/plain' }), 400],
    ['a body too large', posted({ query: `#${'x'.repeat(5_000_000)}` }), 413],
    ['another method', { method: 'PUT' }, 405],
    ['another answer than JSON', posted({ query: '{ token }' }, { accept: 'image/png' }), 406],
  ])('%s', async (_what, request, status) => {
    const { headers, statusCode } = await app().inject({ ...request, url });
    expect([400, 415, status]).toContain(statusCode);
    expect(headers['cache-control']).toBe('no-store');
    const varies = String(headers.vary).split(/, */);
    expect(varies).toEqual(expect.arrayContaining(['authorization', 'dpop', 'origin', 'accept']));
  });

  test("nor is the time of each resolver told to who asks for federation's inline trace", async () => {
    const asked = posted({ query: '{ token }' }, { 'apollo-federation-include-trace': 'ftv1' });
    const answer = (await app().inject({ ...asked, url })).json();
    expect(Object.keys(answer)).toEqual(['data']);
  });
});

test('no cache keeps a refused token, nor an answer by GET', async () => {
  const refused = await refusing.app.inject({ ...posted({ query: '{ token }' }), url: '/trials' });
  const token = await tokenFor('another gateway');
  const authorization = { authorization: `Bearer ${token}` };
  const asked = posted({ query: '{ token }' }, authorization);
  const atGateway = await gateway.inject({ ...asked, url: '/graphql' });
  const preflight = { 'apollo-require-preflight': '1' };
  const byGet = await gateway.inject({ url: '/graphql?query=%7Btoken%7D', headers: preflight });
  expect([refused, atGateway, byGet].map(({ statusCode }) => statusCode)).toEqual([401, 401, 200]);
  for (const { headers } of [refused, atGateway, byGet]) {
    expect(headers['cache-control']).toBe('no-store');
    expect(headers.vary).toContain('authorization');
  }
});
