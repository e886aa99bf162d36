import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedHealth } from '../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../src/consent/feed/publish.js';
import { isWithdrawn } from '../../src/consent/feed/store.js';
import { handleOf } from '../../src/zk/leaf.js';
import { startLoopbackNetwork } from '../support/consent/loopback-network.js';
import { expectFault } from '../support/faults/table.js';

const NO_CADENCE_SECONDS = 3_600;
const LIAR = 2;
const WATCHED_MS = 4_000;
const HUGE = `{"entries":["${'1,'.repeat(2 * 1024 * 1024)}"]}`;

const lines: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
let network: Awaited<ReturnType<typeof startLoopbackNetwork>>;
beforeAll(async () => {
  network = await startLoopbackNetwork({
    size: 3,
    cadenceSeconds: NO_CADENCE_SECONDS,
    more: () => ({ log }),
  });
}, 120_000);
afterAll(() => network.close(), 60_000);

async function refuses(slot: number, w: bigint): Promise<boolean> {
  const handle = String(handleOf(w));
  const { db } = network.node(slot);
  return (await db.transaction((tx) => isWithdrawn(tx, [handle]), 'read')).has(handle);
}

test('lying-peer: one that answers others with megabytes is asked ever more seldom, and followed again once it is well', async () => {
  let asked = 0;
  network.node(LIAR).wire.meddle((_request, answer) => {
    asked += 1;
    answer.writeHead(200, { 'content-type': 'application/json' }).end(HUGE);
    return true;
  });
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const { user, system } = process.cpuUsage(cpu);
  // Two nodes would ask it for its feed, for two others' and for forks each second: 8 questions a second.
  expect(asked).toBeLessThan(20);
  console.log(
    `asked ${asked} times in ${WATCHED_MS} ms; ${Math.round((user + system) / 1_000)} ms of CPU`,
  );
  // What the honest ones tell each other arrives as before.
  await publishWithdrawals(network.node(0).feed, ['1001']);
  await expect.poll(() => refuses(1, 1001n), { timeout: 10_000 }).toBe(true);
  const answer = await fetch(`${network.node(0).url}/readyz`);
  expectFault('lying-peer', {
    health: [String(answer.status)],
    answer: feedHealth(network.node(0).feed).behind.length === 0 ? ['whole'] : ['FEED_GAP'],
    log: lines.map((line) => JSON.parse(line).msg),
  });
  network.node(LIAR).wire.meddle(undefined);
  await publishWithdrawals(network.node(LIAR).feed, ['1002']);
  await expect.poll(() => refuses(0, 1002n), { timeout: 25_000 }).toBe(true);
}, 90_000);
