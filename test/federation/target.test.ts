import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import type { HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApollo } from '../../src/federation/apollo.js';
import {
  institution,
  post,
  startGateway,
  startWidgetNode,
  widgetSubgraph,
} from '../support/federation/stand.js';
import { loggerInto, SILENT } from '../support/network/stand.js';

const lines: string[] = [];
let node: Awaited<ReturnType<typeof startWidgetNode>>;
let gateway: FastifyInstance;

beforeAll(async () => {
  const logger = loggerInto(lines);
  node = await startWidgetNode({ logger });
  gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)], { logger });
  await gateway.listen({ host: '127.0.0.1', port: 0 });
  await post(gateway, '{ token }');
});
beforeEach(() => lines.splice(0));
afterAll(async () => {
  await Promise.all([gateway.close(), node.app.close()]);
});

/** Sends raw bytes, as no client library would write them. */
async function send(app: FastifyInstance, head: readonly string[], body = '') {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  socket.write(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  const status = Number(heard.split(' ', 2)[1]);
  return { status, code: /"code":"(\w+)"/.exec(heard)?.[1], heard };
}

function get(target: string, host = 'x') {
  return send(gateway, [`GET ${target} HTTP/1.1`, `host: ${host}`, 'apollo-require-preflight: 1']);
}

/** Spreads 2^levels times in a few hundred bytes: far over a second of validating at 24. */
function doubling(levels: number): string {
  const each = Array.from(
    { length: levels },
    (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
  );
  return `{ ...F0 } ${each.join(' ')} fragment F${levels} on Query { __typename }`;
}

const encoded = encodeURIComponent(doubling(18));

test.each([
  `/graphql?query=${encoded}%0A#%0A}`,
  `/graphql?query=${encoded}#%22`,
  `http://x/graphql?query=${encoded}%0A#%0A}`,
  `/graphql?a=1#?query=${encoded}`,
  `/graphql#?query=${encoded}`,
])(
  'what a fragment of a target hides from the guard is hidden from the server: %#',
  async (target) => {
    expect(await get(target)).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(lines).toEqual([]);
  },
);

test.each([
  `/graphql?query=${encoded}`,
  `http://x/graphql?query=${encoded}`,
  `/%67raphql?query=${encoded.replaceAll('F1', '%461')}`,
  `/graphql?a=%23&%71uery=${encoded}&b?query=1`,
])(
  'however a target is written, the guard reads of it what the server does: %#',
  async (target) => {
    expect(await get(target)).toMatchObject({ status: 413, code: 'INPUT_TOO_LARGE' });
  },
);

test.each(['http://[x/graphql?query=%7Btoken%7D', 'http://%/graphql?query=%7Btoken%7D', '/%'])(
  'a target that is no URL is the caller’s fault: %s',
  async (target) => {
    expect(await get(target)).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(lines).toEqual([]);
  },
);

const DOORS = [
  ['gateway', () => gateway, '/graphql'],
  ['node', () => node.app, '/trials'],
] as const;

describe.each(DOORS)('the Host that the %s is asked under', (_name, app, url) => {
  const payload = JSON.stringify({ query: '{ token }' });
  const json = ['content-type: application/json', `content-length: ${payload.length}`];
  const ask = (headers: readonly string[], version = '1.1') =>
    send(app(), [`POST ${url} HTTP/${version}`, ...headers, ...json], payload);
  const look = (headers: readonly string[], version = '1.1') =>
    send(app(), [`GET /livez HTTP/${version}`, ...headers]);

  test.each([
    '%',
    '[::1',
    '[x]',
    'x:99999',
    'x:y',
    'a b',
    'x/y',
    'x?y',
    'x#y',
    'me@x',
    'x\\y',
    '%00',
  ])('is a host, or the request is the caller’s fault: %s', async (host) => {
    expect(await ask([`host: ${host}`])).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(await look([`host: ${host}`])).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(lines).toEqual([]);
  });

  test.each([
    'x',
    'localhost:4000',
    '192.0.2.7:80',
    '[::1]:4000',
    'node-1.hospital.example',
    'a_b',
  ])('may be any host: %s', async (host) => {
    expect((await ask([`host: ${host}`])).status).toBe(200);
    expect((await look([`host: ${host}`])).status).toBe(200);
  });

  test('is not needed by a machine that asks whether the process lives', async () => {
    expect((await look([], '1.0')).status).toBe(200);
    expect(await ask([], '1.0')).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(lines).toEqual([]);
  });
});

test('a target whose query has a comment of its own is answered', async () => {
  const query = encodeURIComponent('{ token # a comment\n}');
  for (const target of [`/graphql?query=${query}`, `http://x/graphql?query=${query}`]) {
    expect(await get(target)).toMatchObject({ status: 200, code: undefined });
  }
});

test('what Apollo itself is about to run is measured too, no matter what read it before', async () => {
  const end = { hasNextPage: false, cursorOf: String, sources: [] };
  const schema = widgetSubgraph<string>({ list: async () => ({ ...end, nodes: [] }) });
  const apollo = createApollo<object>({ schema }, SILENT);
  await apollo.start();
  const run = async (query: string) => {
    const httpGraphQLRequest = {
      method: 'POST',
      headers: new Map([['content-type', 'application/json']]),
      search: '',
      body: { query },
    } as unknown as HTTPGraphQLRequest;
    const context = async () => ({ opened: 'x' });
    const { status, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context,
    });
    return { status, body: JSON.parse(body.kind === 'complete' ? body.string : '') };
  };
  const cycle = '{ ...A } fragment A on Query { ...A }';
  const codeOf = async (query: string) => {
    const { status, body } = await run(query);
    return [status, body.data, body.errors[0].extensions.code];
  };
  expect(await codeOf(doubling(18))).toEqual([413, undefined, 'INPUT_TOO_LARGE']);
  expect(await codeOf(`{ token } #${'x'.repeat(70_000)}`)).toEqual([
    413,
    undefined,
    'INPUT_TOO_LARGE',
  ]);
  expect(await codeOf(cycle)).toEqual([400, undefined, 'BAD_INPUT']);
  expect((await run('{ token }')).body).toEqual({ data: { token: '"x"' } });
  await apollo.stop();
});
