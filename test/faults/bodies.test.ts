import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/federation/document/limits.js';
import { type ServerLimits, usualServerLimits } from '../../src/federation/http/server-limits.js';
import { expectFault } from '../support/faults/table.js';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

interface Door {
  readonly app: FastifyInstance;
  readonly url: string;
}

const lines: string[] = [];
const stops: (() => Promise<unknown>)[] = [];

beforeEach(() => lines.splice(0));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A gateway and the node that it asks, both with these limits. */
async function open(limits: Partial<ServerLimits>): Promise<readonly Door[]> {
  const logger = loggerInto(lines);
  const ofNode = { ...usualServerLimits('node'), ...limits };
  const ofGateway = { ...usualServerLimits('gateway'), ...limits };
  const node = await startWidgetNode({ logger, limits: ofNode });
  const asked = [institution('lakeshore-hospital', node.endpoint)];
  const gateway = await startGateway(asked, { logger, limits: ofGateway });
  await gateway.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => Promise.all([gateway.close(), node.app.close()]));
  return [
    { app: gateway, url: '/graphql' },
    { app: node.app, url: '/trials' },
  ];
}

/** Sends a request from an address of this machine, and says the code of its answer, `closed` or `silent`. */
function sendFrom(localAddress: string, { app, url }: Door, framing: string, bytes: number) {
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let heard = '';
  const answered = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      heard += chunk;
      const code = /"code":"(\w+)"/.exec(heard)?.[1];
      if (code !== undefined) resolve(code);
    });
    socket.on('close', () => resolve('closed'));
    socket.on('error', () => resolve('closed'));
  });
  const headers = ['host: x', 'content-type: application/json', framing];
  socket.write(`POST ${url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  if (framing === CHUNKED) socket.write(`${bytes.toString(16)}\r\n`);
  socket.write(Buffer.alloc(bytes, 0x20));
  const within = (ms: number) => Promise.race([answered, delay(ms, 'silent')]);
  return { socket, within };
}

/** What each of them is answered as soon as that many are; a busy machine is given some seconds for it. */
async function onceAnswered(held: readonly ReturnType<typeof sendFrom>[], count: number) {
  let left = count;
  const enough = new Promise<void>((resolve) => {
    for (const { within } of held) {
      void within(BUSY_MS).then((code) => {
        if (code !== 'silent' && --left === 0) resolve();
      });
    }
  });
  await Promise.race([enough, delay(BUSY_MS)]);
  return Promise.all(held.map(({ within }) => within(100)));
}

const BUSY_MS = 3_000;
const CHUNKED = 'transfer-encoding: chunked';
const WHOLE = `content-length: ${MAX_BODY_BYTES}`;
/** Every body but its last byte: the server can do nothing but keep it. */
const ALMOST = MAX_BODY_BYTES - 1;
const RIGHTFUL = '{ widgets(first: 2) { complete nodes { id } } }';
const LIMITS = { bodyBytesByAddress: 3 * MAX_BODY_BYTES, bodyBytes: 5 * MAX_BODY_BYTES };

async function askRightly({ app, url }: Door, padding = 0): Promise<string> {
  const { body } = await post(app, RIGHTFUL, { variables: { x: ' '.repeat(padding) } }, url);
  expect(body).toMatchObject({ data: { widgets: { nodes: [{}, {}] } } });
  return 'whole';
}

async function observed({ app }: Door, answer: readonly string[]) {
  const { statusCode } = await app.inject('/readyz');
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  return { health: [String(statusCode)], answer, log: log.map(({ msg }) => msg) };
}

/** Takes all that an address may hold: none of it is refused. */
async function holdAll(door: Door) {
  const held = Array.from({ length: 3 }, () => sendFrom('127.0.0.2', door, WHOLE, ALMOST));
  const codes = await Promise.all(held.map(({ within }) => within(250)));
  expect(codes).toEqual(['silent', 'silent', 'silent']);
  return held;
}

describe('bodies that never end', () => {
  test('bodies-in-flight: an address has its share of them, and the server its own', async () => {
    for (const door of await open({ ...LIMITS, headersMs: 1_000, requestMs: 5_000 })) {
      const flood = (address: string, framing: string, bytes: number, count: number) =>
        Array.from({ length: count }, () => sendFrom(address, door, framing, bytes));
      // A chunked body says nothing of its length: a kilobyte of it counts as all that it may become.
      const first = flood('127.0.0.2', CHUNKED, 1_024, 3);
      await Promise.all(first.map(({ within }) => within(300)));
      first.push(...flood('127.0.0.2', WHOLE, ALMOST, 9));
      const refused = await onceAnswered(first, 9);
      expect(refused.filter((code) => code === 'RATE_LIMITED')).toHaveLength(9);
      expect(refused.filter((code) => code === 'silent')).toHaveLength(3);
      // Whole requests of others are answered, a small one and a large one, while the server has room.
      const answers = [await askRightly(door), await askRightly(door, ALMOST - 1_000)];
      const second = flood('127.0.0.3', WHOLE, ALMOST, 6);
      const others = await onceAnswered(second, 4);
      expect(others.filter((code) => code === 'silent')).toHaveLength(2);
      expect(new Set(others)).toEqual(new Set(['silent', 'OVERLOADED']));
      // What asks without a body needs no room.
      expect((await door.app.inject('/health')).statusCode).toBe(200);
      const ends = await Promise.all([...first, ...second].map(({ within }) => within(7_000)));
      for (const { socket } of [...first, ...second]) socket.destroy();
      await delay(200);
      answers.push(...refused.filter((code) => code !== 'silent'), ...ends);
      answers.push(await askRightly(door, ALMOST - 1_000));
      expectFault('bodies-in-flight', await observed(door, answers));
    }
  });

  test('what they hold is given back however they end', async () => {
    for (const door of await open(LIMITS)) {
      const endings: ((socket: ReturnType<typeof connect>) => unknown)[] = [
        (socket) => socket.destroy(),
        (socket) => socket.resetAndDestroy(),
        (socket) => socket.end(),
        // Whole, and no JSON.
        (socket) => socket.write('}'),
        // A second request before the first is answered, which never comes whole.
        (socket) => {
          socket.write(` POST ${door.url} HTTP/1.1\r\nhost: x\r\n${WHOLE}\r\n\r\n{`);
          socket.destroy();
        },
      ];
      for (const end of endings) {
        const held = await holdAll(door);
        const closed = held.map(({ socket }) => once(socket, 'close'));
        for (const { socket } of held) end(socket);
        await Promise.race([Promise.all(closed), delay(500)]);
        for (const { socket } of held) socket.destroy();
        await delay(50);
      }
      for (const { socket } of await holdAll(door)) socket.destroy();
    }
  });

  test('and requests that are answered hold nothing, one after another or many at once', async () => {
    for (const door of await open(LIMITS)) {
      for (let turn = 0; turn < 4; turn += 1) await askRightly(door, ALMOST - 1_000);
      await Promise.all(Array.from({ length: 200 }, () => askRightly(door)));
    }
  });
});

describe('memory', () => {
  test('is looked at every second, however long the lag is averaged', async () => {
    const doors = await open({ residentBytes: 1, eventLoopDelayMs: 60_000 });
    await delay(1_300);
    for (const door of doors) {
      const { status, headers, body } = await post(door.app, RIGHTFUL, {}, door.url);
      expect([status, body.errors?.[0]?.extensions.code]).toEqual([503, 'OVERLOADED']);
      expect(headers['retry-after']).toBe('2');
      for (const url of ['/livez', '/readyz', '/health']) {
        expect((await door.app.inject(url)).statusCode).not.toBe(503);
      }
    }
  });

  test('has a limit where none is set: most of what the process may have', () => {
    for (const of of ['gateway', 'node'] as const) {
      const { residentBytes } = usualServerLimits(of);
      expect(residentBytes).toBeGreaterThan(0);
      expect(residentBytes).toBeLessThan(totalmem());
    }
  });
});
