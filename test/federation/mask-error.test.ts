import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import type { RawRequest } from '../../src/federation/serve-subgraph.js';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

const lines: string[] = [];
const seen: RawRequest[] = [];
let refusal: Error | undefined;
let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  const logger = loggerInto(lines);
  const open = async (request: RawRequest) => {
    seen.push(request);
    if (refusal !== undefined) throw refusal;
    return 'opened';
  };
  node = await startWidgetNode({ logger, open });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)], { logger });
});

afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close()]);
});

describe.each([
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const)('at the %s', (_name, app, url) => {
  test('a DomainError says its code, its sentence and what to do', async () => {
    const { status, body } = await post(app(), '{ refused token }', {}, url);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ refused: null, token: expect.any(String) });
    expect(body.errors).toEqual([
      {
        message: new DomainError('CONSENT_EXPIRED', { seconds: 7 }).message,
        path: ['refused'],
        extensions: {
          code: 'CONSENT_EXPIRED',
          assentCode: 'CONSENT_EXPIRED',
          retry: 'NEVER',
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
        locations: [{ line: 1, column: 3 }],
      },
    ]);
  });

  test.each(['{ broken }', '{ widgets(first: 1) { nodes { secret } } }'])(
    'a fault of ours says INTERNAL, and stands in the log under its request id: %s',
    async (query) => {
      lines.length = 0;
      const { text, body } = await post(app(), query, {}, url);
      const { code, retry, requestId } = body.errors?.[0]?.extensions ?? {};
      expect([code, retry]).toEqual(['INTERNAL', 'LATER']);
      expect(text).not.toMatch(/ECONNREFUSED|10\.1\.2\.3|select|stack|\.ts/);
      const logged = lines.map((line) => JSON.parse(line)).filter((l) => l.requestId === requestId);
      expect(logged[0]?.err.message).toContain('ECONNREFUSED');
    },
  );
});

describe('what opens a request at a node', () => {
  test('is given the exact bytes that were sent', async () => {
    const payload = '{ "query":"{ token }",\n "variables": {"a": "\u00e9" } }';
    await node.app.inject({
      method: 'POST',
      url: '/trials',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      payload,
    });
    const { body, headers } = seen.at(-1) ?? { body: new Uint8Array(), headers: {} };
    expect(Buffer.from(body).toString('utf8')).toBe(payload);
    expect(headers.authorization).toBe('Bearer x');
  });

  test.each([
    ['GATEWAY_SIGNATURE_INVALID', 401],
    ['TOKEN_INVALID', 401],
    ['RATE_LIMITED', 429],
    ['LEDGER_UNAVAILABLE', 503],
  ] as const)('refuses the request whole with %s and HTTP %i', async (code, status) => {
    refusal = new DomainError(code);
    const { status: given, body } = await post(node.app, '{ token }', {}, '/trials');
    expect([given, body.errors?.[0]?.extensions.code, body.data]).toEqual([
      status,
      code,
      undefined,
    ]);
  });

  test('fails closed with INTERNAL if it breaks', async () => {
    refusal = new Error('connect ECONNREFUSED 10.1.2.3:5432');
    const { status, body, text } = await post(node.app, '{ token }', {}, '/trials');
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([500, 'INTERNAL']);
    expect(text).not.toContain('10.1.2.3');
  });
});
