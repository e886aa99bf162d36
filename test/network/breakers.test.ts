import { expect, test } from 'vitest';
import { createAskNodes } from '../../src/network/ask-nodes.js';
import { createProbe } from '../../src/network/probe.js';
import {
  answering,
  askHello,
  HELLO,
  institution,
  newGatewayKey,
  REQUESTER,
  SILENT,
  startNode,
} from '../support/network/stand.js';

const gatewayKey = await newGatewayKey();

async function askingOne(endpoint: string, budgetMs: number) {
  const nodes = createAskNodes({
    institutions: () => [institution('riverside-hospital', endpoint)],
    gatewayKey,
    logger: SILENT,
    budgetMs: { trials: budgetMs },
  });
  return async () => (await nodes.ask(REQUESTER, askHello()))[0];
}

test('a hanging node is given up after three answers, and then costs no time', async () => {
  const node = await startNode(() => undefined);
  const ask = await askingOne(node.endpoint, 100);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask())?.status);
  expect(statuses).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
  // Far below its budget of 100 ms, which each answer before it took.
  const startMs = performance.now();
  expect(await ask()).toMatchObject({ status: 'UNAVAILABLE', latencyMs: null });
  expect(performance.now() - startMs).toBeLessThan(50);
  expect(node.received).toHaveLength(3);
  await node.stop();
});

test('one question probes again, and the others do not wait for it', async () => {
  const node = await startNode(() => undefined);
  const ask = await askingOne(node.endpoint, 400);
  await Promise.all([ask(), ask(), ask()]);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const startMs = performance.now();
  const probing = ask();
  const others = await Promise.all([ask(), ask()]);
  expect(others.map((answer) => answer?.status)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  expect(performance.now() - startMs).toBeLessThan(200);
  expect((await probing)?.status).toBe('UNAVAILABLE');
  expect(node.received).toHaveLength(4);
  await node.stop();
});

test('a node that died is back within two seconds of its return', async () => {
  const first = await startNode(answering(HELLO));
  const ask = await askingOne(first.endpoint, 1_000);
  expect((await ask())?.status).toBe('OK');
  await first.stop();
  for (let i = 0; i < 10; i++) expect((await ask())?.status).toBe('UNAVAILABLE');

  const again = await startNode(answering(HELLO), Number(new URL(first.endpoint).port));
  const returnedMs = performance.now();
  while ((await ask())?.status !== 'OK') await new Promise((resolve) => setTimeout(resolve, 50));
  expect(performance.now() - returnedMs).toBeLessThan(2_000);
  await again.stop();
});

test('a node that refuses is never given up: it is there', async () => {
  const errors = [{ message: 'no', extensions: { code: 'TOKEN_INVALID' } }];
  const node = await startNode(answering({ errors }, 401));
  const ask = await askingOne(node.endpoint, 1_000);
  for (let i = 0; i < 8; i++) expect((await ask())?.status).toBe('REFUSED');
  expect(node.received).toHaveLength(8);
  await node.stop();
});

test('a node that cannot decide now is never given up: it may still be told things', async () => {
  const errors = [{ message: 'no', extensions: { code: 'FEED_GAP' } }];
  const node = await startNode(answering({ data: null, errors }));
  const ask = await askingOne(node.endpoint, 1_000);
  for (let i = 0; i < 8; i++) expect((await ask())?.status).toBe('UNAVAILABLE');
  expect(node.received).toHaveLength(8);
  await node.stop();
});

test('health asks each node once a second at most, however often it is asked', async () => {
  const node = await startNode(answering({}));
  const probe = createProbe(
    () => [
      institution('riverside-hospital', node.endpoint),
      institution('dead-hospital', 'http://127.0.0.1:1'),
      institution('closed-hospital', node.endpoint, { status: 'SUSPENDED' }),
    ],
    { logger: SILENT },
  );
  const rounds = await Promise.all([probe(), probe(), probe()]);
  expect(rounds[2]?.map(({ institution: id, status }) => [id, status])).toEqual([
    ['dead-hospital', 'UNAVAILABLE'],
    ['riverside-hospital', 'OK'],
  ]);
  expect(node.received).toHaveLength(1);
  await node.stop();
});

test('questions that are too heavy for a node cost their own caller, and no other', async () => {
  const node = await startNode((received, response) => {
    if (!received.body.includes('heavy')) answering(HELLO)(received, response);
  });
  const nodes = createAskNodes({
    institutions: () => [institution('riverside-hospital', node.endpoint)],
    gatewayKey,
    logger: SILENT,
    budgetMs: { trials: 150 },
    breaker: { halfOpenAfterMs: 60_000, maxBreakers: 2 },
  });
  const ask = async (caller: string, document = '{ hello }') =>
    (await nodes.ask({ ...REQUESTER, caller }, { ...askHello(), document }))[0]?.status;
  for (let i = 0; i < 3; i++) expect(await ask('greedy', '{ heavy }')).toBe('UNAVAILABLE');
  expect([await ask('greedy'), await ask('modest')]).toEqual(['UNAVAILABLE', 'OK']);
  // Strangers can make as many callers as they like: the one longest unheard of makes room.
  expect([await ask('third'), await ask('greedy')]).toEqual(['OK', 'OK']);
  await node.stop();
});
