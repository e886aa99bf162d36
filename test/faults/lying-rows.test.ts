import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createAskNodes } from '../../src/network/ask-nodes.js';
import { NetworkTrials } from '../../src/trials/network.js';
import { expectFault } from '../support/faults/table.js';
import {
  answering,
  askHello,
  institution,
  loggerInto,
  type NodeUnderTest,
  newGatewayKey,
  REQUESTER,
  startNode,
} from '../support/network/stand.js';

const gatewayKey = await newGatewayKey();
const running: NodeUnderTest[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.stop()));
});

/** A gateway's way to the one sponsor, which answers every question with that. */
async function askingOf(body: unknown, lines: string[] = []) {
  const node = await startNode(answering(body));
  running.push(node);
  const nodes = createAskNodes({
    institutions: () => [institution('a-sponsor', node.endpoint, { roles: ['SPONSOR'] })],
    gatewayKey,
    logger: loggerInto(lines),
    budgetMs: { trials: 10_000 },
    breaker: { halfOpenAfterMs: 60_000 },
  });
  return { node, nodes, trials: new NetworkTrials(nodes, () => true) };
}

const QUERY = { where: null, size: 100, after: undefined, evidence: false } as never;
const page = (nodes: readonly unknown[]) => ({
  data: { trials: { nodes, pageInfo: { hasNextPage: false } } },
});
/** Below what a busy machine takes by itself; an issue of each takes longer by far. */
const MAX_STALL_MS = 1_000;

test.each([
  ['as rows', page(new Array(400_000).fill(0))],
  ['within a row', page([{ phase: new Array(400_000).fill(0) }])],
])(
  'lying-rows: 400,000 values that are no rows, %s, stall nobody',
  async (_, lie) => {
    const lines: string[] = [];
    const { trials } = await askingOf(lie, lines);
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const { sources } = await trials.list(REQUESTER, QUERY);
    // What blocked at the end is measured by the next turn.
    await delay(30);
    loop.disable();
    expect(sources).toMatchObject([{ status: 'UNAVAILABLE' }]);
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged[0]?.detail).toMatch(/does not parse/);
    expect(loop.max / 1e6).toBeLessThan(MAX_STALL_MS);
    expectFault('lying-rows', {
      health: ['200'],
      answer: ['sources'],
      log: logged.map(({ msg }) => msg),
    });
  },
  30_000,
);

test('lying-rows: a node whose rows do not parse is not asked that question again for a while, and others it is', async () => {
  const { node, nodes, trials } = await askingOf({ data: { trials: 0, hello: 'here' } });
  for (let i = 0; i < 5; i += 1) await trials.list(REQUESTER, QUERY);
  expect(node.received).toHaveLength(3);
  const answers = await nodes.ask(REQUESTER, askHello({ roles: ['SPONSOR'] }));
  expect(answers).toMatchObject([{ status: 'OK', data: 'here' }]);
  const honest = await askingOf(page([]));
  for (let i = 0; i < 5; i += 1) {
    const { sources } = await honest.trials.list(REQUESTER, QUERY);
    expect(sources).toMatchObject([{ status: 'OK' }]);
  }
});
