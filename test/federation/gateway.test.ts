import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSession } from '../../src/client/gateway/session.js';
import { clockOf } from '../../src/core/clock.js';
import { signOperatorToken } from '../../src/core/operator/token.js';
import { makeOperator } from '../support/core/operator-keys.js';
import {
  gatewayKey,
  institution,
  post,
  startGateway,
  startWidgetNode,
  tokenFor,
} from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

let one: Awaited<ReturnType<typeof startWidgetNode>>;
let two: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  one = await startWidgetNode();
  two = await startWidgetNode();
  gateway = await startGateway([
    institution('lakeshore-hospital', one.endpoint),
    institution('riverside-hospital', two.endpoint),
  ]);
});

afterAll(async () => {
  await Promise.all([gateway.close(), one.app.close(), two.app.close()]);
});

describe('the supergraph in one process', () => {
  test('joins what two subgraphs know of one institution', async () => {
    const { status, body } = await post(
      gateway,
      `{ network { epoch root institutions { id } }
         widgets(first: 2) { nodes { id } complete sources { status institution { id name roles } } } }`,
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        network: {
          epoch: 5,
          root: '12',
          institutions: [{ id: 'lakeshore-hospital' }, { id: 'riverside-hospital' }],
        },
        widgets: {
          nodes: [
            'lakeshore-hospital/w0',
            'lakeshore-hospital/w1',
            'riverside-hospital/w0',
            'riverside-hospital/w1',
          ].map((id) => ({ id })),
          complete: true,
          sources: ['lakeshore-hospital', 'riverside-hospital'].map((id) => ({
            status: 'OK',
            institution: { id, name: `The ${id}`, roles: ['HOSPITAL'] },
          })),
        },
      },
    });
  });

  test('shows the API to introspection, and nothing of how it is joined', async () => {
    const { body, text } = await post(
      gateway,
      '{ __schema { types { name } directives { name } } }',
    );
    expect(body.errors).toBeUndefined();
    expect(text).toContain('Widget');
    expect(text).not.toMatch(/join__|_entities|_Service|_Any/i);
  });

  test('passes variables, fragments and operation names on', async () => {
    const { body } = await post(
      gateway,
      `query A { network { epoch } }
       query B($n: Int!) { widgets(first: $n) { ...W } }
       fragment W on WidgetConnection { nodes { id self { self { id } } } }`,
      { variables: { n: 1 }, operationName: 'B' },
    );
    expect(body.errors).toBeUndefined();
    expect(body.data).toMatchObject({
      widgets: { nodes: [{ self: { self: { id: 'lakeshore-hospital/w0' } } }, {}] },
    });
  });

  test('runs a mutation by POST', async () => {
    expect((await post(gateway, 'mutation { touch }')).body).toEqual({ data: { touch: true } });
  });
});

const YESTERDAY = clockOf(() => Date.now() - 86_400_000);
const session = await newSession();
const ownToken = (seconds = 300) => session.signToken({ audience: gatewayKey.thumbprint, seconds });
const ownJwt = async () => (await ownToken()).split('~')[0];

/** Signed by another key than the one in its header. */
async function forged(): Promise<string> {
  const [jwt = '', secret] = (await ownToken()).split('~');
  const [header, payload] = jwt.split('.');
  return `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}~${secret}`;
}

/** As tokens were before they had a secret. */
async function withoutCommitment(): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  return new SignJWT({ aud: gatewayKey.thumbprint })
    .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
}

/** For this very gateway, and for its life: what an operator of a node could try. */
async function operatorJwt(): Promise<string> {
  const by = await makeOperator('ES256', ['importer']);
  const claims = { audience: gatewayKey.thumbprint, roles: ['importer'] } as const;
  return (await signOperatorToken(by, { ...claims, nowMs: Date.now(), seconds: 600 })).jwt;
}

describe("the requester's token", () => {
  test('is passed on without its secret', async () => {
    const token = await tokenFor(gatewayKey.thumbprint);
    const { body } = await post(gateway, '{ token }', {
      headers: { authorization: `Bearer ${token}` },
    });
    const opened = JSON.parse(String(body.data?.token));
    expect(opened).toMatchObject({ token: token.split('~')[0] });
    expect(JSON.stringify(opened)).not.toContain(token.split('~')[1]);
  });

  test('is logged neither whole nor in part, taken or refused, where a node fails', async () => {
    const lines: string[] = [];
    const logger = loggerInto(lines);
    const silent = institution('riverside-hospital', 'http://127.0.0.1:1');
    const logging = await startGateway([silent], { logger });
    const token = await ownToken();
    for (const sent of [token, `${token}x`, token.replace('~', '.'), `${token}~${token}`]) {
      const headers = { authorization: `Bearer ${sent}` };
      await post(logging, '{ widgets { complete } broken }', { headers });
    }
    await logging.close();
    expect(lines.length).toBeGreaterThan(1);
    for (const part of token.split('~')) expect(lines.join('')).not.toContain(part);
  });

  test.each([
    ['TOKEN_MALFORMED', async () => 'Basic dXNlcjpwYXNz'],
    ['TOKEN_MALFORMED', async () => 'Bearer abc'],
    ['TOKEN_MALFORMED', async () => `Bearer a.${'b'.repeat(5_000)}.c~${'A'.repeat(43)}`],
    ['TOKEN_MALFORMED', async () => `Bearer a.b.c~${'A'.repeat(43)}`],
    ['TOKEN_MALFORMED', async () => `Bearer ${await ownToken()}~${'A'.repeat(43)}`],
    ['TOKEN_MALFORMED', async () => `Bearer ${await ownJwt()}~AAAA`],
    // The last character of 43 has two bits too many: another text of the same bytes.
    ['TOKEN_MALFORMED', async () => `Bearer ${await ownJwt()}~${'A'.repeat(42)}B`],
    ['TOKEN_INCOMPLETE', async () => `Bearer ${await ownJwt()}`],
    ['TOKEN_MALFORMED', async () => `Bearer ${await ownJwt()}~`],
    ['TOKEN_INVALID', async () => `Bearer ${await ownJwt()}~${'A'.repeat(43)}`],
    ['TOKEN_INVALID', async () => `Bearer ${await ownJwt()}~${(await ownToken()).split('~')[1]}`],
    ['TOKEN_INVALID', async () => `Bearer ${await forged()}`],
    ['TOKEN_INVALID', async () => `Bearer ${await withoutCommitment()}~${'A'.repeat(43)}`],
    ['TOKEN_INVALID', async () => `Bearer ${await tokenFor('another-gateway')}`],
    ['TOKEN_INVALID', async () => `Bearer ${await tokenFor(gatewayKey.thumbprint, YESTERDAY)}`],
    ['TOKEN_INVALID', async () => `Bearer ${await ownToken(601)}`],
    ['OPERATOR_TOKEN_MISPLACED', async () => `Bearer ${await operatorJwt()}`],
    ['OPERATOR_TOKEN_MISPLACED', async () => `bearer  ${await operatorJwt()}~${'A'.repeat(43)}`],
    ['OPERATOR_TOKEN_MISPLACED', async () => `DPoP ${await operatorJwt()}`],
  ])('is refused with %s: case %#', async (code, header) => {
    const { status, body } = await post(gateway, '{ token }', {
      headers: { authorization: await header() },
    });
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([401, code]);
    expect(body.data).toBeUndefined();
  });
});

describe('machines ask', () => {
  test('/.well-known/assent for the network, its keys and the audience of tokens', async () => {
    const { body } = await gateway.inject('/.well-known/assent');
    expect(JSON.parse(body)).toEqual({
      version: '0.1.0',
      schemaHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      chainId: 31_337,
      contract: '0x01',
      statements: [{ name: 'consent', vkeyHash: 'ab'.repeat(32) }],
      gateway: { jwk: gatewayKey.publicJwk, thumbprint: gatewayKey.thumbprint },
    });
    expect(body).not.toContain('"d"');
  });

  test('/health for each institution, and names no host', async () => {
    const response = await gateway.inject('/health');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      status: 'ok',
      ledger: { status: 'OK', epoch: 5 },
      institutions: [{ institution: 'lakeshore-hospital', status: 'OK' }, { status: 'OK' }],
    });
    expect(response.body).not.toContain('127.0.0.1');
  });
});

test('/health names who has not anchored for too long, though every node answers', async () => {
  const late = ['lakeshore-hospital'];
  const ledger = { chainId: 31_337, contract: '0x01', epoch: () => 5, late: () => late };
  const app = await startGateway([institution('lakeshore-hospital', one.endpoint)], { ledger });
  const health = await app.inject('/health');
  expect(health.statusCode).toBe(200);
  expect(health.json()).toMatchObject({ status: 'degraded', ledger: { status: 'OK', late } });
  await app.close();
});

test('a dead node costs its own rows: the answer is partial, says so, and names no host', async () => {
  const dying = await startWidgetNode();
  const lines: string[] = [];
  const app = await startGateway(
    [
      institution('lakeshore-hospital', one.endpoint),
      institution('valley-hospital', dying.endpoint),
    ],
    { logger: loggerInto(lines) },
  );
  const query =
    '{ widgets(first: 1) { nodes { id } complete sources { status institution { id } } } }';
  expect((await post(app, query)).body.data).toMatchObject({ widgets: { complete: true } });
  await dying.app.close();
  const { body, text } = await post(app, query);
  expect(body.errors).toBeUndefined();
  expect(body.data).toEqual({
    widgets: {
      nodes: [{ id: 'lakeshore-hospital/w0' }],
      complete: false,
      sources: [
        { status: 'OK', institution: { id: 'lakeshore-hospital' } },
        { status: 'UNAVAILABLE', institution: { id: 'valley-hospital' } },
      ],
    },
  });
  const health = await app.inject('/health');
  // Of the query, and of the health.
  expect(lines).toHaveLength(2);
  const logged = lines.map((line) => line.replace(/"(time|pid)":\d+/g, ''));
  for (const seen of [text, health.body, ...logged]) {
    expect(seen).not.toContain('127.0.0.1');
    expect(seen).not.toContain(new URL(dying.endpoint).port);
  }
  expect(health.json()).toMatchObject({ status: 'degraded' });
  await app.close();
});
