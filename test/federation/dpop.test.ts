import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectGateway } from '../../src/client/gateway/gateway.js';
import { importSession, newSession } from '../../src/client/gateway/session.js';
import { openReader } from '../../src/client/requester/query.js';
import { sha256OfParts } from '../../src/core/canonical.js';
import type { GatewayOptions } from '../../src/federation/gateway.js';
import {
  gatewayKey,
  institution,
  startGateway,
  startWidgetNode,
} from '../support/federation/stand.js';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const session = await importSession(await exportJWK(privateKey));
const holderJwk = await exportJWK(publicKey);
const audience = gatewayKey.thumbprint;
const BODY = JSON.stringify({ query: '{ token }' });

let app: FastifyInstance;
let url: string;
/** What a proxy before the gateway sees of the kit's requests. */
let seen: RequestInit[] = [];

const proxied: typeof fetch = (to, init) => {
  if (init?.body != null) seen.push(init);
  return fetch(to, init);
};

async function listening(options: Partial<GatewayOptions> = {}, port = 0) {
  const gateway = await startGateway([], options);
  return { gateway, at: await gateway.listen({ host: '127.0.0.1', port }) };
}

beforeAll(async () => {
  ({ gateway: app, at: url } = await listening());
});
afterAll(() => app.close());
beforeEach(() => {
  seen = [];
});

const connect = () => connectGateway({ url, fetch: proxied, thumbprint: audience });

async function askByKit(): Promise<unknown> {
  const { data } = await openReader({ gateway: await connect(), session }).query('{ token }');
  return data.token;
}

function headersOf(init: RequestInit | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(new Headers(init?.headers));
}

/** What the gateway answers to a request, no matter who sends it. */
async function send(init: RequestInit | undefined, to = `${url}/graphql`) {
  const { method = 'POST', headers = {}, body = null } = init ?? {};
  const answer = await fetch(to, { method, headers, body });
  const { data, errors } = await answer.json();
  return [data?.token ?? null, errors?.[0]?.extensions.code];
}

async function nonceNow(): Promise<string> {
  const known = await fetch(`${url}/.well-known/assent`);
  return String(known.headers.get('dpop-nonce'));
}

const hash = (content: string) => sha256OfParts(content).toString('base64url');

/** A request as RFC 9449 has it, signed with jose directly: the oracle is not our own signer. */
async function request(change: JWTPayload = {}, header: object = {}, key = privateKey) {
  const { token } = await session.signCredential({ audience, seconds: 300 });
  const claims = {
    jti: crypto.randomUUID(),
    htm: 'POST',
    htu: `${url}/graphql`,
    iat: Math.floor(Date.now() / 1000),
    nonce: await nonceNow(),
    ath: hash(token),
    body: hash(BODY),
  };
  const proof = await new SignJWT({ ...claims, ...change })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: holderJwk, ...header })
    .sign(key);
  const headers = { 'content-type': 'application/json', authorization: `DPoP ${token}` };
  return { method: 'POST', headers: { ...headers, dpop: proof }, body: BODY };
}

describe('token-at-gateway: who sees one request of the kit', () => {
  test('token-at-gateway: and sends it again, or with another body, reads nothing', async () => {
    expect(await askByKit()).toContain('requestId');
    const [one] = seen;
    expect(await send(one)).toEqual([null, 'REPLAYED']);
    const body = JSON.stringify({ query: '{ again: token token }' });
    expect(await send({ ...one, body })).toEqual([null, 'DPOP_INVALID']);
  });

  test('token-at-gateway: and takes its token for another request reads nothing', async () => {
    await askByKit();
    const { authorization = '' } = headersOf(seen[0]);
    const plain = { 'content-type': 'application/json' };
    const bearer = authorization.replace('DPoP', 'Bearer');
    const asked = { body: BODY };
    expect(await send({ ...asked, headers: { ...plain, authorization } })).toEqual([
      null,
      'DPOP_REQUIRED',
    ]);
    expect(await send({ ...asked, headers: { ...plain, authorization: bearer } })).toEqual([
      null,
      'DPOP_REQUIRED',
    ]);
    const { dpop = '' } = headersOf(seen[0]);
    const downgraded = { ...plain, authorization: bearer, dpop };
    expect(await send({ ...asked, headers: downgraded })).toEqual([null, 'DPOP_REQUIRED']);
  });

  test('token-at-gateway: and keeps it until the gateway began again reads nothing', async () => {
    const first = await listening();
    const gateway = await connectGateway({ url: first.at, fetch: proxied });
    const reader = openReader({ gateway, session });
    await reader.query('{ token }');
    const kept = { ...seen[0], headers: { ...seen[0]?.headers, connection: 'close' } };
    await first.gateway.close();
    const { gateway: next, at } = await listening({}, Number(new URL(first.at).port));
    const answers = () =>
      fetch(`${at}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await answers()));
    expect(await send(kept, `${at}/graphql`)).toEqual([null, 'DPOP_NONCE_REQUIRED']);
    // The kit, which knew the earlier run, loses no question to the restart, and asks once more once.
    seen = [];
    expect((await reader.query('{ token }')).data.token).toContain('requestId');
    expect((await reader.query('{ token }')).data.token).toContain('requestId');
    expect(seen).toHaveLength(3);
    await next.close();
  });

  test('token-at-gateway: no node is sent the proof', async () => {
    const received: object[] = [];
    const open = async ({ headers }: { headers: object }) => {
      received.push(headers);
      return 'opened';
    };
    const node = await startWidgetNode({ open });
    const gateway = await startGateway([institution('riverside-hospital', node.endpoint)]);
    const at = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const kit = await connectGateway({ url: at, fetch: proxied });
    const { data } = await openReader({ gateway: kit, session }).query('{ widgets { complete } }');
    expect(data.widgets).toEqual({ complete: true });
    const { dpop = '', authorization = '' } = headersOf(seen[0]);
    const [jwt = '', secret = ''] = authorization.slice('DPoP '.length).split('~');
    const all = JSON.stringify(received);
    expect(all).toContain(`Bearer ${jwt}"`);
    for (const part of [dpop, secret]) expect(all).not.toContain(part);
    await Promise.all([gateway.close(), node.app.close()]);
  });
});

describe('a proof of possession', () => {
  test('as RFC 9449 has it opens what its token opens', async () => {
    expect((await send(await request()))[0]).toContain('requestId');
    const now = Math.floor(Date.now() / 1000);
    for (const iat of [now - 55, now + 55]) {
      expect((await send(await request({ iat })))[0]).toContain('requestId');
    }
  });

  test.each<readonly [string, string, JWTPayload]>([
    ['of another method', 'DPOP_INVALID', { htm: 'GET' }],
    ['of another host', 'DPOP_INVALID', { htu: 'http://gateway.example/graphql' }],
    ['of another path', 'DPOP_INVALID', { htu: 'http://127.0.0.1/other' }],
    ['of no URL', 'DPOP_INVALID', { htu: '/graphql' }],
    ['of another token', 'DPOP_INVALID', { ath: hash('another') }],
    ['of no token', 'DPOP_INVALID', { ath: undefined as never }],
    ['of another body', 'DPOP_INVALID', { body: hash('{}') }],
    ['of no body', 'DPOP_INVALID', { body: undefined as never }],
    ['from too long ago', 'DPOP_INVALID', { iat: Math.floor(Date.now() / 1000) - 130 }],
    ['from far ahead', 'DPOP_INVALID', { iat: Math.floor(Date.now() / 1000) + 300 }],
    ['without a time', 'DPOP_INVALID', { iat: undefined as never }],
    ['without a name', 'DPOP_INVALID', { jti: undefined as never }],
    ['with a name that others may choose too', 'DPOP_INVALID', { jti: '1' }],
    ['without a nonce', 'DPOP_NONCE_REQUIRED', { nonce: undefined as never }],
    ['with the nonce of another run', 'DPOP_NONCE_REQUIRED', { nonce: 'a-nonce-of-another' }],
  ])('%s is refused: %s', async (_why, code, change) => {
    expect(await send(await request(change))).toEqual([null, code]);
  });

  test('covers the bytes that are read, however they came packed', async () => {
    const rightful = await request();
    const headers = { ...rightful.headers, 'content-encoding': 'gzip' };
    const packed = gzipSync(BODY);
    expect((await send({ headers, body: packed }))[0]).toContain('requestId');
    const overPacked = await request({ body: sha256OfParts(packed).toString('base64url') });
    const wrong = { headers: { ...overPacked.headers, 'content-encoding': 'gzip' }, body: packed };
    expect(await send(wrong)).toEqual([null, 'DPOP_INVALID']);
    const swapped = await request();
    const another = gzipSync(JSON.stringify({ query: '{ again: token token }' }));
    const sent = { headers: { ...swapped.headers, 'content-encoding': 'gzip' }, body: another };
    expect(await send(sent)).toEqual([null, 'DPOP_INVALID']);
  });

  test('of another key, of another type or of several is refused', async () => {
    const thief = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(thief.publicKey);
    const thiefs = await request({}, { jwk }, thief.privateKey);
    const forged = await request({}, {}, thief.privateKey);
    const typed = await request({}, { typ: 'JWT' });
    const one = await request();
    const twice = { ...one, headers: { ...one.headers, dpop: `${one.headers.dpop}, x` } };
    for (const wrong of [thiefs, forged, typed, twice]) {
      expect(await send(wrong)).toEqual([null, 'DPOP_INVALID']);
    }
    expect((await send(one))[0]).toContain('requestId');
  });

  test('covers no query in a URL, so a bound token asks by POST alone', async () => {
    const { headers } = await request({ htm: 'GET', body: hash('') });
    const asked = { method: 'GET', headers: { ...headers, 'apollo-require-preflight': 'true' } };
    const { 'content-type': _, ...rest } = asked.headers;
    const to = `${url}/graphql?query=%7Btoken%7D`;
    expect(await send({ ...asked, headers: rest }, to)).toEqual([null, 'DPOP_INVALID']);
  });

  test('beside a token that is not bound is refused: its sender would believe it bound', async () => {
    const { headers } = await request();
    const token = await session.signToken({ audience, seconds: 300 });
    for (const authorization of [`DPoP ${token}`, `Bearer ${token}`]) {
      const sent = { body: BODY, headers: { ...headers, authorization } };
      expect(await send(sent)).toEqual([null, 'TOKEN_INVALID']);
    }
    const { dpop: _, ...plain } = headers;
    const pasted = { body: BODY, headers: { ...plain, authorization: `Bearer ${token}` } };
    expect((await send(pasted))[0]).toContain('requestId');
  });

  test('names the public URL where the gateway knows it, whatever Host the request has', async () => {
    const publicUrl = 'https://assent.example/health-data';
    const { gateway, at } = await listening({ publicUrl });
    const nonce = String((await fetch(`${at}/.well-known/assent`)).headers.get('dpop-nonce'));
    for (const [htu, code] of [
      [`${publicUrl}/graphql`, undefined],
      [`${at}/graphql`, 'DPOP_INVALID'],
      ['http://assent.example/health-data/graphql', 'DPOP_INVALID'],
      ['https://assent.example/graphql', 'DPOP_INVALID'],
      ['https://assent.example.evil/health-data/graphql', 'DPOP_INVALID'],
    ] as const) {
      expect((await send(await request({ htu, nonce }), `${at}/graphql`))[1]).toBe(code);
    }
    await gateway.close();
  });

  test('may be sent by a page of any site, which can read the nonce', async () => {
    const asking = { origin: 'https://portal.example', 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${url}/graphql`, { method: 'OPTIONS', headers: asking });
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/\bdpop\b/);
    const refused = await fetch(`${url}/graphql`, await request({ nonce: undefined as never }));
    expect(refused.headers.get('access-control-expose-headers')).toContain('dpop-nonce');
    expect(refused.headers.get('dpop-nonce')).toBe(await nonceNow());
  });
});

test('a token that is bound to the key of another is refused', async () => {
  const other = await newSession();
  const { token } = await other.signCredential({ audience, seconds: 300 });
  const [jwt = '', secret = ''] = token.split('~');
  const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
  const rebound = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', jwk: holderJwk })
    .sign(privateKey);
  const headers = {
    'content-type': 'application/json',
    authorization: `DPoP ${rebound}~${secret}`,
  };
  expect(await send({ body: BODY, headers })).toEqual([null, 'TOKEN_INVALID']);
});
