import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from './stand.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
let minted = 0;
let gateway: FastifyInstance;

beforeAll(async () => {
  gateway = await startGateway([], {
    landing: async () => {
      minted += 1;
      return {
        document: '{ network { epoch } }',
        headers: { authorization: `Bearer t${minted}.x.y` },
      };
    },
    pageHosts: ['assent.example'],
  });
});

afterAll(() => gateway.close());

const open = (url: string, host = '127.0.0.1:4000') =>
  gateway.inject({ method: 'GET', url, headers: { ...HTML, host } });

describe.each(['/graphql', '/explorer'])('%s in a browser', (url) => {
  test('has a query filled in, and a header made for this very page', async () => {
    const [first, second] = [await open(url), await open(url)];
    for (const [page, token] of [
      [first, `t${minted - 1}.x.y`],
      [second, `t${minted}.x.y`],
    ] as const) {
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.body).toContain('{ network { epoch } }');
      expect(page.body).toContain(token);
    }
  });

  test('cannot be read by another site, nor framed by one', async () => {
    const page = await open(url);
    expect(page.headers['access-control-allow-origin']).toBeUndefined();
    expect(page.headers['x-frame-options']).toBe('DENY');
  });

  test.each(['evil.example', 'evil.example:4000', '127.0.0.1.evil.example'])(
    'carries no token under the host name %j, which may have come to name this machine',
    async (host) => {
      const page = await open(url, host);
      expect(page.body).not.toMatch(/t\d+\.x\.y/);
    },
  );

  test.each(['localhost:4000', '[::1]:4000', 'assent.example'])(
    'carries one under %s',
    async (host) => {
      expect((await open(url, host)).body).toMatch(/t\d+\.x\.y/);
    },
  );
});

test('the explorer loads nothing from elsewhere', async () => {
  const { body } = await open('/explorer');
  expect(body).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="https?:/i);
});

test('the front door leads to Sandbox, which leads to the explorer where it cannot load', async () => {
  const front = await open('/');
  expect([front.statusCode, front.headers.location]).toEqual([302, '/graphql']);
  expect((await open('/graphql')).body).toContain('href="/explorer"');
});

test('a page of any site may ask with its own token, by CORS', async () => {
  const preflight = await gateway.inject({ method: 'OPTIONS', url: '/graphql' });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
});
