import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedDigest } from '../../../src/consent/tables/table-feed.js';
import { codeOf } from '../../../src/core/errors.js';
import { startLoopbackNetwork } from '../../support/consent/loopback-network.js';
import { ownLedger } from '../../support/ledger/external-ledger.js';
import { faultsOf } from '../../support/ledger/faults.js';
import { at } from '../../support/ledger/small-network.js';

const NO_CADENCE_SECONDS = 3_600;
const WITHIN = { timeout: 20_000, interval: 50 };
const restored: [slot: number, code: string][] = [];
let network: Awaited<ReturnType<typeof startLoopbackNetwork>>;

beforeAll(async () => {
  network = await startLoopbackNetwork({
    size: 3,
    cadenceSeconds: NO_CADENCE_SECONDS,
    more: (slot) => ({ onRestoredOld: (thrown) => restored.push([slot, codeOf(thrown)]) }),
  });
}, 120_000);
afterAll(() => network.close(), 60_000);

/** As a backup has it that was made before the last digest was prepared. */
async function loseLastDigest(slot: number): Promise<void> {
  const { number } = feedDigest;
  await network.node(slot).db.transaction(async (tx) => {
    const [last] = await tx.select().from(feedDigest).orderBy(desc(number)).limit(1);
    if (last === undefined) throw new Error('nothing was prepared');
    await tx.delete(feedDigest).where(eq(number, last.number));
  });
}

test.runIf(ownLedger('blocks are held up'))(
  'an anchor that a block holds only after a restore ends the node that does not know it, and no other',
  async () => {
    const faults = faultsOf(network.chain.anvil);
    for (const slot of [0, 1]) await network.node(slot).anchoring.anchorNow();
    const pooled = async () => {
      const [first, second] = await Promise.all(
        [0, 1].map((slot) => faults.pooledOf(at(network.accounts, slot).address)),
      );
      return [first?.length, second?.length];
    };
    await faults.setAutomine(false);
    const anchored = [0, 1].map((slot) => network.node(slot).anchoring.anchorNow());
    await expect.poll(pooled, WITHIN).toEqual([1, 1]);
    await loseLastDigest(0);
    expect(restored).toEqual([]);
    await faults.mine();
    await faults.setAutomine(true);
    await Promise.all(anchored);
    await expect.poll(() => restored, WITHIN).toEqual([[0, 'RESTORED_OLD']]);
    await expect(network.node(0).anchoring.anchorNow()).rejects.toMatchObject({
      code: 'RESTORED_OLD',
    });
    await network.node(1).anchoring.anchorNow();
    expect(restored).toHaveLength(1);
  },
  60_000,
);

test('a database that is replaced by an older one while the chain stands still ends the node before its next anchor', async () => {
  await network.node(2).anchoring.anchorNow();
  await network.node(2).watch.refresh();
  await loseLastDigest(2);
  await expect(network.node(2).anchoring.anchorNow()).rejects.toMatchObject({
    code: 'RESTORED_OLD',
  });
  expect(restored.filter(([slot]) => slot === 2)).toEqual([[2, 'RESTORED_OLD']]);
}, 60_000);
