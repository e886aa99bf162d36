import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Subgraph } from '../../src/federation/compose.js';
import type { GatewayOptions } from '../../src/federation/gateway.js';
import { type ServerLimits, usualServerLimits } from '../../src/federation/http/server-limits.js';
import { expectFault } from '../support/faults/table.js';
import {
  gatewayKey,
  institution,
  startGateway,
  startWidgetNode,
  tokenFor,
  widgetSubgraph,
} from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

const RIGHTFUL = '{ widgets(first: 2) { complete nodes { id } } }';
const lines: string[] = [];
const stops: (() => Promise<unknown>)[] = [];

beforeEach(() => lines.splice(0));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Door {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly port: number;
}

/** A gateway and the node that it asks, both with these limits. */
async function open(
  limits: Partial<ServerLimits>,
  more: Partial<GatewayOptions> = {},
): Promise<readonly [gateway: Door, node: Door]> {
  const logger = loggerInto(lines);
  const node = await startWidgetNode({
    logger,
    limits: { ...usualServerLimits('node'), ...limits },
  });
  const gateway = await startGateway([institution('lakeshore-hospital', node.endpoint)], {
    logger,
    limits: { ...usualServerLimits('gateway'), ...limits },
    ...more,
  });
  await gateway.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => Promise.all([gateway.close(), node.app.close()]));
  const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port;
  return [
    { app: gateway, url: '/graphql', port: portOf(gateway) },
    { app: node.app, url: '/trials', port: portOf(node.app) },
  ];
}

/** Twenty megabytes of rows where a thousand are asked for. */
function largeWidgets(): Subgraph {
  const widgets = Array.from({ length: 1_000 }, (_, i) => ({ id: `${i}`.padEnd(20_000, 'x') }));
  const end = { hasNextPage: false, cursorOf: String, sources: [] };
  const list = async (_requester: unknown, first: number) => ({
    ...end,
    nodes: widgets.slice(0, first),
  });
  return { name: 'trials', schema: widgetSubgraph({ list }) };
}

/** Asks as somebody else does, over a connection of its own. */
async function askRightly({ port, url }: Pick<Door, 'port' | 'url'>): Promise<string> {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const body = JSON.stringify({ query: RIGHTFUL });
  const answer = await fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', headers, body });
  expect(await answer.json()).toMatchObject({ data: { widgets: { nodes: [{}, {}] } } });
  return 'whole';
}

async function observed(door: Door, answer: readonly string[]) {
  const { statusCode } = await door.app.inject('/readyz');
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  return { health: [String(statusCode)], answer, log: log.map(({ msg }) => msg) };
}

/** A client of raw bytes, and all that it is answered. */
async function dial(port: number, text: string) {
  const socket: Socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  socket.write(text);
  const isClosed = async () => {
    await closed;
    return /"code":"(\w+)"/.exec(heard)?.[1] ?? 'closed';
  };
  return { socket, isClosed };
}

function headOf(url: string, length: number): string {
  const headers = ['host: x', 'content-type: application/json', `content-length: ${length}`];
  return `POST ${url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
}

describe('what clients may hold up', () => {
  test('half-sent-requests: 500 are closed in their time, and others are answered meanwhile', async () => {
    for (const door of await open({
      headersMs: 1_000,
      requestMs: 1_500,
      connectionsByAddress: 600,
    })) {
      const half = `${headOf(door.url, 1_000)}{"query":`;
      const texts = Array.from({ length: 500 }, (_, i) => (i % 5 === 0 ? 'POST /graph' : half));
      const clients = await Promise.all(texts.map((text) => dial(door.port, text)));
      const startMs = performance.now();
      const answers = [await askRightly(door)];
      expect(performance.now() - startMs).toBeLessThan(3_000);
      answers.push(...(await Promise.all(clients.map(({ isClosed }) => isClosed()))));
      expect(performance.now() - startMs).toBeLessThan(9_000);
      expect(answers.filter((answer) => answer === 'REQUEST_TIMEOUT').length).toBeGreaterThan(400);
      answers.push(await askRightly(door));
      expectFault('half-sent-requests', await observed(door, answers));
    }
  });

  test('connections-flood: one address has its share of connections, and others have theirs', async () => {
    for (const door of await open({ connectionsByAddress: 50, headersMs: 1_500 })) {
      const clients = await Promise.all(Array.from({ length: 80 }, () => dial(door.port, 'POST')));
      const first = await Promise.race([clients.at(-1)?.isClosed(), delay(1_000, 'open')]);
      expect(first).toBe('closed');
      const elsewhere = connect({ port: door.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
      elsewhere.write(`GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      const [bytes] = await once(elsewhere, 'data');
      expect(String(bytes)).toContain('HTTP/1.1 200');
      elsewhere.destroy();
      await Promise.all(clients.map(({ isClosed }) => isClosed()));
      expectFault('connections-flood', await observed(door, ['closed', await askRightly(door)]));
    }
  });

  test('slow-readers: an answer that nobody takes is not kept', async () => {
    const [gateway] = await open({ answerMs: 1_000 }, { subgraphs: [largeWidgets()] });
    const body = JSON.stringify({ query: '{ widgets(first: 1000) { nodes { id } } }' });
    // More than the system's own buffers hold.
    const asked = `${headOf('/graphql', body.length)}${body}`.repeat(3);
    const { socket, isClosed } = await dial(gateway.port, asked);
    socket.pause();
    const answers = [await askRightly(gateway)];
    const connections = () =>
      new Promise((resolve) =>
        gateway.app.server.getConnections((_error, count) => resolve(count)),
      );
    await expect.poll(connections, { timeout: 12_000 }).toBe(0);
    socket.resume();
    expect(await isClosed()).toBe('closed');
    answers.push('closed', await askRightly(gateway));
    expectFault('slow-readers', await observed(gateway, answers));
  });
});

/** Work that nobody bounded. */
function busyFor(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/** Requests with a body that look like those which are always answered. */
const BODIES = [
  ['OPTIONS', '/graphql'],
  ['OPTIONS', '/trials'],
  ['POST', '/livez'],
  ['POST', '/health'],
  ['PUT', '/readyz'],
] as const;
const JSON_TYPE = { 'content-type': 'application/json' };
const FRAMINGS = [JSON_TYPE, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }] as const;

describe('what clients may ask in a minute', () => {
  const from = async ({ app, url }: Door, remoteAddress: string, more = {}) => {
    const response = await app.inject({
      method: 'POST',
      url,
      remoteAddress,
      headers: { 'content-type': 'application/json', ...more },
      payload: JSON.stringify({ query: '{ token }' }),
    });
    const { errors } = response.json();
    return {
      code: errors?.[0]?.extensions.code ?? 'whole',
      retry: errors?.[0]?.extensions.retry,
      status: response.statusCode,
      after: Number(response.headers['retry-after']),
      readable: response.headers['access-control-allow-origin'],
    };
  };

  test('requests-flood: an address over its share waits, and no other does', async () => {
    for (const door of await open({ requestsPerMinuteByAddress: 5 })) {
      const flood = '2001:db8:1:2::1';
      const answers = [];
      for (let i = 0; i < 8; i += 1) answers.push(await from(door, flood));
      expect(answers.map(({ code }) => code)).toEqual([
        ...Array(5).fill('whole'),
        ...Array(3).fill('RATE_LIMITED'),
      ]);
      const { status, retry, after, readable } = answers[7] ?? {};
      expect([status, retry]).toEqual([429, 'LATER']);
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThan(61);
      expect(readable).toBe('*');
      // One network has one share, whatever addresses it takes; another has its own.
      expect((await from(door, '2001:db8:1:2:ffff::9')).code).toBe('RATE_LIMITED');
      answers.push(await from(door, '2001:db8:1:3::1'), await from(door, '192.0.2.7'));
      expect(answers.slice(-2).map(({ code }) => code)).toEqual(['whole', 'whole']);
      // Nor can a header name another address, while no proxy is trusted.
      const forged = await from(door, flood, { 'x-forwarded-for': '192.0.2.8' });
      expect(forged.code).toBe('RATE_LIMITED');
      const seen = answers.map(({ code }) => code);
      expectFault('requests-flood', await observed(door, seen));
    }
  });

  test('what a browser asks first, and whether the process lives, is always answered', async () => {
    const [{ app }] = await open({ requestsPerMinuteByAddress: 1 });
    for (let i = 0; i < 5; i += 1) {
      const preflight = await app.inject({ method: 'OPTIONS', url: '/graphql' });
      expect(preflight.statusCode).toBe(204);
      expect((await app.inject('/livez')).statusCode).not.toBe(429);
    }
  });

  test('and nothing else is: what brings a body is counted, under whatever name', async () => {
    for (const { app } of await open({ requestsPerMinuteByAddress: 1 })) {
      await app.inject('/health');
      for (const [method, url] of BODIES) {
        for (const headers of FRAMINGS) {
          const payload = JSON.stringify({ query: RIGHTFUL });
          const answer = await app.inject({ method, url, headers, payload });
          expect([method, url, answer.statusCode]).toEqual([method, url, 429]);
        }
        expect((await app.inject('/livez')).statusCode).not.toBe(429);
      }
    }
  });

  test('the same holds while the process is overloaded', async () => {
    const doors = await open({ residentBytes: 1 });
    await delay(1_300);
    for (const { app } of doors) {
      for (const [method, url] of BODIES) {
        const payload = JSON.stringify({ query: RIGHTFUL });
        const answer = await app.inject({ method, url, headers: FRAMINGS[0], payload });
        expect([method, url, answer.statusCode]).toEqual([method, url, 503]);
      }
      expect((await app.inject({ method: 'OPTIONS', url: '/graphql' })).statusCode).not.toBe(503);
      for (const url of ['/livez', '/readyz', '/health']) {
        expect((await app.inject(url)).statusCode).not.toBe(503);
      }
    }
  });

  test('a trusted proxy says whom it speaks for, and each of those has a share', async () => {
    for (const door of await open({
      requestsPerMinuteByAddress: 2,
      trustedProxies: '10.0.0.0/8,::1',
    })) {
      const through = (client: string) => from(door, '10.1.2.3', { 'x-forwarded-for': client });
      for (let i = 0; i < 2; i += 1) expect((await through('192.0.2.1')).code).toBe('whole');
      expect((await through('192.0.2.1')).code).toBe('RATE_LIMITED');
      expect((await through('192.0.2.2')).code).toBe('whole');
    }
  });

  test('a key over its share waits wherever it asks from, and only where it shows its secret', async () => {
    const [gateway] = await open({ requestsPerMinuteByHolder: 3 });
    const token = await tokenFor(gatewayKey.thumbprint);
    const authorization = { authorization: `Bearer ${token}` };
    const stolen = { authorization: `Bearer ${token.split('~')[0]}~${'A'.repeat(43)}` };
    for (let i = 0; i < 5; i += 1) {
      expect((await from(gateway, '192.0.2.9', stolen)).code).toBe('TOKEN_INVALID');
    }
    const codes = [];
    for (let i = 0; i < 5; i += 1)
      codes.push((await from(gateway, `192.0.2.${i}`, authorization)).code);
    expect(codes).toEqual([...Array(3).fill('whole'), ...Array(2).fill('RATE_LIMITED')]);
    const another = { authorization: `Bearer ${await tokenFor(gatewayKey.thumbprint)}` };
    expect((await from(gateway, '192.0.2.1', another)).code).toBe('whole');
  });

  test('overloaded: a process that lags says so at once, and takes requests again', async () => {
    for (const door of await open({ eventLoopDelayMs: 100 })) {
      const answers = [(await from(door, '192.0.2.1')).code];
      for (let turn = 0; turn < 10; turn += 1) {
        busyFor(250);
        await setImmediate();
      }
      const refused = await from(door, '192.0.2.1');
      expect([refused.status, refused.code, refused.after]).toEqual([503, 'OVERLOADED', 2]);
      answers.push(refused.code);
      const health = (await door.app.inject('/readyz')).statusCode;
      expect((await door.app.inject('/livez')).statusCode).not.toBe(503);
      await delay(2_100);
      answers.push((await from(door, '192.0.2.1')).code);
      expect(answers.at(-1)).toBe('whole');
      expectFault('overloaded', { ...(await observed(door, answers)), health: [String(health)] });
    }
  });
});
