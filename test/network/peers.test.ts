import { expect, test } from 'vitest';
import { createPeers } from '../../src/network/peers.js';
import { LAKESHORE, RIVERSIDE } from '../support/names.js';
import { answering, institution, startNode } from '../support/network/stand.js';

function peersOf(endpoint: string) {
  return createPeers({
    institutions: () => [institution('riverside-hospital', endpoint)],
    sign: async (to, path) => ({ 'x-asked': `${to} ${path}` }),
    budgetMs: 200,
  });
}

test('asks a peer for a segment of any feed, for an acknowledgement, and for evidence of forks', async () => {
  const node = await startNode(answering({ held: true }));
  const peers = peersOf(`${node.endpoint}/node/`);
  expect(await peers.fetchSegment(RIVERSIDE, LAKESHORE, 41)).toEqual({ held: true });
  expect(await peers.requestAcknowledgement(RIVERSIDE, { slot: 1 })).toEqual({ held: true });
  expect(await peers.fetchForked(RIVERSIDE)).toEqual({ held: true });
  expect(await peers.fetchFork(RIVERSIDE, LAKESHORE)).toEqual({ held: true });
  expect(node.received.map(({ url, body }) => [url, body])).toEqual([
    ['/node/feed/lakeshore-hospital?after=41', ''],
    ['/node/feed/acknowledge', '{"slot":1}'],
    ['/node/feed-forks', ''],
    ['/node/feed-forks/lakeshore-hospital', ''],
  ]);
  await node.stop();
});

test.each([
  ['TIMEOUT', () => undefined],
  ['MALFORMED', answering({}, 404)],
  ['MALFORMED', answering('not JSON')],
  ['MALFORMED', answering({ entries: 'x'.repeat(400_000) })],
] as const)('a peer that fails is SOURCE_FAILED with %s', async (check, behave) => {
  const node = await startNode(behave);
  await expect(peersOf(node.endpoint).fetchSegment(RIVERSIDE, RIVERSIDE, 0)).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
    facts: { institution: 'riverside-hospital', check },
  });
  await node.stop();
});

test('a peer that the ledger does not list is not asked', async () => {
  await expect(
    peersOf('http://127.0.0.1:1').fetchSegment(LAKESHORE, RIVERSIDE, 0),
  ).rejects.toMatchObject({ code: 'INSTITUTION_UNKNOWN' });
});
