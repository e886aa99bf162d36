import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedHealth, requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { startLoopbackNetwork } from '../../support/consent/loopback-network.js';

const NO_CADENCE_SECONDS = 3_600;
const WITHIN = { timeout: 30_000 };

let network: Awaited<ReturnType<typeof startLoopbackNetwork>>;
beforeAll(async () => {
  network = await startLoopbackNetwork({ size: 4, cadenceSeconds: NO_CADENCE_SECONDS });
});
afterAll(() => network.close());

const node = (slot: number) => network.node(slot);
const CUT = 3;
const OTHERS = [0, 1, 2];

async function refuses(slot: number, w: bigint): Promise<boolean> {
  const handle = String(handleOf(w));
  const { db } = node(slot);
  return (await db.transaction((tx) => isWithdrawn(tx, [handle]), 'read')).has(handle);
}
const gapsAt = (slot: number) => feedHealth(node(slot).feed).behind;

test('a node that is cut off serves no consent after 120 s, alone, and serves again when it is healed', async () => {
  for (const { anchoring } of network.nodes) await anchoring.anchorNow();
  for (const slot of [...OTHERS, CUT]) {
    await expect.poll(() => gapsAt(slot), WITHIN).toEqual([]);
  }
  node(CUT).cutOff(true);
  await publishWithdrawals(node(0).feed, ['1001']);
  await publishWithdrawals(node(CUT).feed, ['1002']);
  await node(0).anchoring.anchorNow();
  for (const slot of [1, 2]) {
    await expect.poll(() => refuses(slot, 1001n), WITHIN).toBe(true);
  }
  await node(CUT).watch.refresh();
  expect(await refuses(CUT, 1001n)).toBe(false);
  // It knows that it may miss something, and goes on for two minutes at most.
  requireCompleteFeed(node(CUT).feed);
  for (const { advance } of network.nodes) await advance(121_000);
  expect(() => requireCompleteFeed(node(CUT).feed)).toThrow(
    expect.objectContaining({ code: 'FEED_GAP', facts: { institution: 'institution-0' } }),
  );
  await expect(node(CUT).anchoring.anchorNow()).rejects.toThrow(
    expect.objectContaining({ code: 'ACKNOWLEDGEMENTS_MISSING' }),
  );
  for (const slot of OTHERS) {
    await expect.poll(() => gapsAt(slot), WITHIN).toEqual([]);
    requireCompleteFeed(node(slot).feed);
  }

  node(CUT).cutOff(false);
  await expect.poll(() => gapsAt(CUT), WITHIN).toEqual([]);
  requireCompleteFeed(node(CUT).feed);
  expect(await refuses(CUT, 1001n)).toBe(true);
  for (const slot of OTHERS) await expect.poll(() => refuses(slot, 1002n), WITHIN).toBe(true);
  await node(CUT).anchoring.anchorNow();
  expect(node(CUT).anchoring.health().lastError).toBeUndefined();
});
