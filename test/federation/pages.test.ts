import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../support/federation/stand.js';
import { standPersonas } from './explorer/stand.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
let minted = 0;
let gateway: FastifyInstance;

beforeAll(async () => {
  gateway = await startGateway([], {
    personas: standPersonas(),
    landing: async (persona) => {
      minted += 1;
      return {
        document: `# secret of ${persona ?? 'the first'}\n{ network { epoch } }`,
        headers: { authorization: `Bearer t${minted}.x.y` },
      };
    },
  });
});

afterAll(() => gateway.close());

const open = (url: string, host = '127.0.0.1:4000') =>
  gateway.inject({ method: 'GET', url, headers: { ...HTML, host } });

/** From another machine, with the Host header of a visitor of this one. */
const openFrom = (remoteAddress: string, url: string, headers: Record<string, string> = {}) =>
  gateway.inject({
    method: 'GET',
    url,
    remoteAddress,
    headers: { ...HTML, host: '127.0.0.1:4000', ...headers },
  });

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

  test.each(['evil.example', 'evil.example:4000', 'assent.example', '127.0.0.1.evil.example'])(
    'carries no token under the host name %j, which may have come to name this machine',
    async (host) => {
      const page = await open(url, host);
      expect(page.body).not.toMatch(/t\d+\.x\.y/);
      // A persona's query may hold a secret of theirs.
      expect((await open(`${url}?persona=patient`, host)).body).not.toContain('secret of');
    },
  );

  test('is the persona’s whom the URL names', async () => {
    expect((await open(`${url}?persona=patient`)).body).toContain('secret of patient');
    expect((await open(`${url}?x=1`)).body).toContain('secret of the first');
  });

  test.each([
    '?persona=nobody',
    '?persona=',
    '?persona=portal&persona=patient',
    '?persona=%3Cb%3E',
  ])('%s is answered by a page that lists those there are', async (query) => {
    const page = await open(`${url}${query}`);
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toContain('text/html');
    for (const name of ['portal', 'patient']) {
      expect(page.body).toContain(`href="${url}?persona=${name}"`);
    }
    expect(page.body).toContain('reads three participants');
    expect(page.body).not.toMatch(/t\d+\.x\.y|<b>/);
    expect(page.headers['x-frame-options']).toBe('DENY');
  });

  test.each([
    '192.0.2.7',
    '10.0.0.8',
    '::ffff:192.0.2.7',
    '::ffff:1.127.0.1',
    'fe80::1',
    '1.127.0.0',
  ])('ledger-from-a-page: carries no token to %s, whatever its headers say', async (peer) => {
    for (const headers of [
      {},
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1;host=127.0.0.1', 'x-real-ip': '127.0.0.1' },
    ]) {
      for (const persona of ['', '?persona=patient']) {
        const page = await openFrom(peer, `${url}${persona}`, headers);
        expect(page.statusCode).toBe(200);
        expect(page.body).not.toMatch(/t\d+\.x\.y/);
        expect(page.body).not.toContain('secret of');
      }
    }
  });

  test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])(
    'carries one to %s, this machine',
    async (peer) => {
      expect((await openFrom(peer, url)).body).toMatch(/t\d+\.x\.y/);
    },
  );

  test.each(['empty', 'iframe', 'frame', 'object', 'embed', 'script', ''])(
    'sandbox-reads-explorer: carries nothing of a persona to what a browser calls %j',
    async (dest) => {
      for (const query of ['', '?persona=patient', '?persona=nobody']) {
        const headers = { 'sec-fetch-dest': dest, 'sec-fetch-site': 'same-origin' };
        const page = await openFrom('127.0.0.1', `${url}${query}`, headers);
        expect(page.body).not.toMatch(/t\d+\.x\.y|secret of|"pageKey":"/);
      }
    },
  );

  test('carries it to a browser that opens it', async () => {
    const page = await openFrom('127.0.0.1', url, { 'sec-fetch-dest': 'document' });
    expect(page.body).toMatch(/t\d+\.x\.y/);
  });

  test.each(['localhost:4000', '[::1]:4000'])('carries one under %s', async (host) => {
    expect((await open(url, host)).body).toMatch(/t\d+\.x\.y/);
  });
});

test('sandbox-reads-explorer: Sandbox’s script may ask /graphql and nothing else of this origin', async () => {
  const { headers, body } = await open('/graphql?persona=patient', 'localhost:4000');
  const policy = String(headers['content-security-policy']).split('; ');
  const [nonce] = /nonce-[0-9a-f]{64}/.exec(policy.join()) ?? [];
  expect(body.split(`"${nonce?.slice('nonce-'.length)}"`).length).toBeGreaterThan(2);
  expect(policy).toEqual([
    "default-src 'none'",
    `script-src '${nonce}' https://embeddable-sandbox.cdn.apollographql.com`,
    `style-src '${nonce}' https://embeddable-sandbox.cdn.apollographql.com`,
    'img-src https://apollo-server-landing-page.cdn.apollographql.com',
    'manifest-src https://apollo-server-landing-page.cdn.apollographql.com',
    'frame-src https://sandbox.embed.apollographql.com',
    'connect-src localhost:4000/graphql',
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  expect((await open('/graphql')).headers['content-security-policy']).not.toContain(nonce);
  // No window that it opens may be the explorer's, which has this header: two that agree can read each other.
  expect(headers['cross-origin-opener-policy']).toBeUndefined();
  expect((await open('/explorer')).headers['cross-origin-opener-policy']).toBe('same-origin');
  // A policy cannot name an IPv6 address, nor may a header of the visitor's write into it.
  for (const host of ['[::1]:4000', '*', 'a,b', 'a;b']) {
    const page = await open('/graphql', host);
    const told = String(page.headers['content-security-policy']);
    expect([host, told]).toEqual([host, expect.stringContaining("; connect-src 'self'; w")]);
  }
});

test('the explorer loads nothing from elsewhere, and may not', async () => {
  const { body, headers } = await open('/explorer');
  expect(body).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="(https?:)?\/\//i);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  const loaded = [...body.matchAll(/(?:src|href)="(\/explorer\/assets\/[^"]+)"/g)];
  expect(loaded.length).toBeGreaterThan(3);
  for (const [, path = ''] of loaded) {
    const asset = await open(path);
    expect([path, asset.statusCode, asset.headers['x-content-type-options']]).toEqual([
      path,
      200,
      'nosniff',
    ]);
    expect(asset.body).not.toMatch(/t\d+\.x\.y|secret of/);
  }
});

test('the front door leads to Sandbox, which leads to the explorer where it cannot load', async () => {
  const front = await open('/');
  expect([front.statusCode, front.headers.location]).toEqual([302, '/graphql']);
  expect((await open('/graphql')).body).toContain('href="/explorer"');
  expect((await open('/graphql')).body).not.toMatch(/<link[^>]+rel="stylesheet"/);
  // Else Sandbox's own empty frame lies over the link.
  expect((await open('/graphql')).body).toContain('#embeddableSandbox:empty { display: none; }');
  const patients = await open('/?persona=a%22%3Eb');
  expect(patients.headers.location).toBe('/graphql?persona=a%22%3Eb');
  // No text of the URL becomes markup, of a persona that is not there either.
  expect((await open(String(patients.headers.location))).body).not.toContain('">b');
  const sandbox = await open('/graphql?persona=patient');
  expect(sandbox.body).toContain('href="/explorer?persona=patient"');
});

test('a page of any site may ask with its own token, by CORS', async () => {
  const headers = { origin: 'https://portal.example', 'access-control-request-method': 'POST' };
  const preflight = await gateway.inject({ method: 'OPTIONS', url: '/graphql', headers });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
});
