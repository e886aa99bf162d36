import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFault } from '../support/faults/table.js';
import { institution, startGateway } from '../support/federation/stand.js';
import { answering, loggerInto, type NodeUnderTest, startNode } from '../support/network/stand.js';

const WIDGETS = { data: { widgets: { nodes: [{ id: 'w0' }] } } };
const lines: string[] = [];
let isSlow = true;
let left = 0;
let node: NodeUnderTest;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let url: string;

beforeAll(async () => {
  node = await startNode((received, response) => {
    if (!isSlow || received.url === '/readyz') return answering(WIDGETS)(received, response);
    response.once('close', () => {
      left += 1;
    });
  });
  const lakeshore = institution('lakeshore-hospital', node.endpoint);
  gateway = await startGateway([lakeshore], { logger: loggerInto(lines) });
  url = await gateway.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await Promise.all([gateway.close(), node.stop()]);
});

function ask(signal: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query: '{ widgets(first: 2) { complete nodes { id } } }' });
  return fetch(`${url}/graphql`, { method: 'POST', headers, body, signal });
}

test('client-left: nodes are asked no longer for a client that has left, and none is blamed for it', async () => {
  const answer: string[] = [];
  // More than open a breaker, if each counted as a failure of the node.
  for (let i = 0; i < 4; i += 1) {
    const client = new AbortController();
    const asked = ask(client.signal);
    await expect.poll(() => node.received.length).toBeGreaterThan(i);
    client.abort();
    await asked.catch(() => answer.push('closed'));
    // Sooner than the node's own time is over, which is three seconds.
    await expect.poll(() => left, { timeout: 2_000 }).toBe(i + 1);
  }
  isSlow = false;
  await delay(50);
  const whole = await (await ask(AbortSignal.timeout(5_000))).json();
  expect(whole).toMatchObject({ data: { widgets: { complete: true } } });
  answer.push('whole');
  const { statusCode } = await gateway.inject('/readyz');
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  const health = [String(statusCode)];
  expectFault('client-left', { health, answer, log: log.map(({ msg }) => msg) });
});
