import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { registerPaths } from '../../../src/consent/shard/paths.js';
import { decideTogether } from '../../../src/ledger/governance/votes.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { knowStudy, linkedWallet } from '../../support/consent/study-wallet.js';
import { at } from '../../support/ledger/small-network.js';

let network: Awaited<ReturnType<typeof openAnchoredNetwork>>;
beforeAll(async () => {
  network = await openAnchoredNetwork(4);
});
afterAll(() => network.close());
const node = (slot: number) => at(network.nodes, slot);

test('suspended-feed: a leaf that was withdrawn there meanwhile is not anchored again', async () => {
  const { feed, anchoring, institution, ledger } = node(3);
  await knowStudy(feed);
  const wallet = await linkedWallet(feed, 'patient-1');
  const consent = wallet.consent(1n);
  const { index } = await registerConsent(feed, consent);
  await anchoring.anchorNow();

  // Node 3 is away: it answers nobody and asks nobody, while the consent is withdrawn at node 0.
  network.lies.set(institution, () => Promise.reject(new Error('no answer')));
  await publishWithdrawals(node(0).feed, [String(wallet.secretOf(1n))]);
  await node(0).anchoring.anchorNow();
  for (const slot of [1, 2]) await syncFeeds(node(slot).feed, network.peers);
  await decideTogether(network.register, network.accounts, { kind: 'SUSPEND', slot: 0 });
  const { epoch } = await network.watch.refresh();

  // It comes back, and nobody answers it yet.
  network.lies.clear();
  network.cut.add(institution);
  const back = await network.openNode(3);
  const gap = { code: 'FEED_GAP', facts: { institution: node(0).institution } };
  await expect(back.anchoring.anchorNow()).rejects.toThrow(expect.objectContaining(gap));
  expect(() => requireCompleteFeed(back.feed)).toThrow(expect.objectContaining(gap));
  expect((await network.watch.refresh()).epoch).toBe(epoch);

  // Anchoring itself asks for what it lacks.
  network.cut.clear();
  await back.anchoring.anchorNow();
  const { leaves } = await registerPaths(back.feed.db, ledger, 0);
  expect(leaves[index]).toBe(String(EMPTY_LEAF));
  requireCompleteFeed(back.feed);
  const handle = String(consent.fields.handle);
  const withdrawn = back.feed.db.transaction((tx) => isWithdrawn(tx, [handle]), 'read');
  expect(await withdrawn).toEqual(new Set([handle]));
  expect((await network.watch.refresh()).epoch).toBe(epoch + 1);
});
