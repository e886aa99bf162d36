import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { createAnchoring } from '../../../src/consent/anchoring/anchoring.js';
import { prepareDigest } from '../../../src/consent/anchoring/prepare-digest.js';
import { digestOf } from '../../../src/consent/base/digest.js';
import { requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { segmentHash } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { registerPaths } from '../../../src/consent/shard/paths.js';
import { appendLeaf } from '../../../src/consent/shard/shard.js';
import { SUBTREE_LEAVES } from '../../../src/consent/shard/subtree.js';
import { consent } from '../../../src/consent/tables/table-register.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { EMPTY_LEAF, handleOf } from '../../../src/zk/leaf.js';
import { networkRootOf, SparseTree } from '../../../src/zk/tree.js';
import { openAnchoredNetwork, QUORUM } from '../../support/consent/anchored-network.js';
import { knowStudy, linkedWallet } from '../../support/consent/study-wallet.js';
import { at, silentLog } from '../../support/ledger/small-network.js';

let network: Awaited<ReturnType<typeof openAnchoredNetwork>>;
beforeAll(async () => {
  network = await openAnchoredNetwork(4);
  await knowStudy(node(0).feed);
});
afterAll(() => network.close());
beforeEach(() => network.lies.clear());

const node = (slot: number) => at(network.nodes, slot);
const refused = (code: string, check?: string) =>
  expect.objectContaining(
    check === undefined ? { code } : { code, facts: expect.objectContaining({ check }) },
  );

/** The network root that a served subtree puts one of its leaves under, hashed as a wallet does. */
async function rootOfLeaf(slot: number, index: number): Promise<bigint> {
  const { feed, ledger } = node(slot);
  const number = Math.floor(index / SUBTREE_LEAVES);
  const answer = await registerPaths(feed.db, ledger, number);
  const tree = new SparseTree(10);
  const leaves = answer.leaves.map(BigInt);
  tree.setAll(leaves.entries());
  const below = tree.path(index % SUBTREE_LEAVES);
  return networkRootOf(at(leaves, index % SUBTREE_LEAVES), {
    shardSiblings: [...below, ...answer.siblings.map(BigInt)],
    index,
    issuerLeaf: node(slot).ledger.own().issuerLeaf,
    topSiblings: answer.topSiblings.map(BigInt),
    slot: answer.slot,
  });
}

describe('anchoring', () => {
  test('puts a registered consent under the network root, and a withdrawn one out of it', async () => {
    const { feed, anchoring } = node(0);
    const wallet = await linkedWallet(feed, 'patient-1');
    const { index, leaf } = await registerConsent(feed, wallet.consent(1n));
    await anchoring.anchorNow();
    expect(await rootOfLeaf(0, index)).toBe(network.watch.current().root);
    const { leaves } = await registerPaths(feed.db, node(0).ledger, 0);
    expect(leaves[index]).toBe(String(leaf));

    await publishWithdrawals(feed, [String(wallet.secretOf(1n))]);
    await anchoring.anchorNow();
    const after = await registerPaths(feed.db, node(0).ledger, 0);
    expect(after.leaves[index]).toBe(String(EMPTY_LEAF));
    const [row] = await feed.db.transaction((tx) => tx.select().from(consent), 'read');
    expect(row?.withdrawnAt).not.toBeNull();
    expect(anchoring.health().lastError).toBeUndefined();
  });

  test('ends a consent that was withdrawn at another institution', async () => {
    const { feed } = node(0);
    const wallet = await linkedWallet(feed, 'patient-2');
    const { index } = await registerConsent(feed, wallet.consent(1n));
    await publishWithdrawals(node(1).feed, [String(wallet.secretOf(1n))]);
    await syncFeeds(feed, network.peers);
    await node(0).anchoring.anchorNow();
    const { leaves } = await registerPaths(feed.db, node(0).ledger, 0);
    expect(leaves[index]).toBe(String(EMPTY_LEAF));
    const again = registerConsent(feed, wallet.consent(1n, { requester: 79n }));
    await expect(again).rejects.toThrow(refused('SERIAL_NOT_NEWER'));
  });

  test('is the same call each interval, changed or not, and never the same values', async () => {
    const { anchoring, sent, institution } = node(1);
    for (let interval = 0; interval < 3; interval += 1) await anchoring.anchorNow();
    expect(new Set(sent.map(({ digest }) => digest)).size).toBe(3);
    expect(new Set(sent.map(({ shardRoot }) => shardRoot)).size).toBe(3);
    expect(sent.map(({ acknowledgements }) => acknowledgements.length)).toEqual([2, 2, 2]);
    const { lastAnchor } = network.watch.current().requireInstitution(institution);
    expect(lastAnchor?.digest).toBe(sent.at(-1)?.digest);
  });

  test('leaves every other node able to tell that it holds what was anchored', async () => {
    await publishWithdrawals(node(2).feed, ['424242']);
    await node(2).anchoring.anchorNow();
    await syncFeeds(node(0).feed, network.peers);
    requireCompleteFeed(node(0).feed);
  });

  test('runs at its cadence until it is stopped', async () => {
    const { anchoring, sent } = node(3);
    const running = anchoring.start();
    await expect.poll(() => sent.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await running.stop();
    const anchored = sent.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(sent.length).toBe(anchored);
  });
});

describe('an anchor that the ledger confirmed and this node did not commit', () => {
  test('serves no path of the new shard meanwhile, and loses no leaf', async () => {
    const { feed, ledger, anchoring, institution, account } = node(0);
    const index = await feed.db.transaction((tx) => appendLeaf(tx, 7n, 'CONSENT'));
    const last = { top: undefined };
    const before = await registerPaths(feed.db, ledger, 0, last);
    // The process ends after the chain has taken the anchor and before the commit.
    const crashing = createAnchoring({
      feed,
      peers: network.peers,
      quorum: () => QUORUM,
      cadenceMs: 1_000,
      log: silentLog,
      anchorOnLedger: async (anchor) => {
        const acknowledgements = anchor.acknowledgements as readonly `0x${string}`[];
        await anchorShard(network.register, { ...anchor, account, acknowledgements });
        await network.watch.refresh();
        throw new Error('the process ended');
      },
    });
    await expect(crashing.anchorNow()).rejects.toThrow();
    expect(crashing.health().lastError).toBe('INTERNAL');
    const paths = registerPaths(feed.db, ledger, 0);
    await expect(paths).rejects.toThrow(refused('SOURCE_FAILED', 'anchored'));
    // A node that has served before serves the shard before, under the root that it had then.
    expect(await registerPaths(feed.db, ledger, 0, last)).toEqual(before);

    const reopened = await network.openNode(0);
    requireCompleteFeed(await withOthersTaken(reopened.feed));
    await anchoring.anchorNow();
    expect(await rootOfLeaf(0, index)).toBe(network.watch.current().root);
    expect(institution).toBe(reopened.institution);
  });

  async function withOthersTaken(feed: (typeof network.nodes)[number]['feed']) {
    await syncFeeds(feed, network.peers);
    return feed;
  }
});

describe('acknowledgements', () => {
  test('that are too few keep a node from anchoring, and lose nothing', async () => {
    const { feed, anchoring } = node(0);
    const index = await feed.db.transaction((tx) => appendLeaf(tx, 8n, 'CONSENT'));
    for (const slot of [1, 2]) {
      network.lies.set(node(slot).institution, () => Promise.reject(new Error('no answer')));
    }
    const { epoch } = network.watch.current();
    await expect(anchoring.anchorNow()).rejects.toThrow(refused('ACKNOWLEDGEMENTS_MISSING'));
    expect(anchoring.health().lastError).toBe('ACKNOWLEDGEMENTS_MISSING');
    expect((await network.watch.refresh()).epoch).toBe(epoch);
    network.lies.clear();
    await anchoring.anchorNow();
    expect(await rootOfLeaf(0, index)).toBe(network.watch.current().root);
  });

  test.each([
    ['a signature of nobody', () => ({ signature: `0x${'1'.repeat(130)}` })],
    ['no signature', () => ({ signature: 'yes' })],
    ['that it always lags', () => ({ after: 0 })],
    ['another shape', () => null],
  ])('of a peer that answers %s are left out, and the anchor stands', async (_, lie) => {
    network.lies.set(node(1).institution, lie);
    await node(0).anchoring.anchorNow();
    expect(node(0).sent.at(-1)?.acknowledgements).toHaveLength(2);
  });

  /** What an institution may ask for; a dishonest one changes it and signs it again. */
  async function request() {
    const { feed, institution } = node(0);
    const { anchors, slot } = network.watch.current().requireInstitution(institution);
    const { digest } = await prepareDigest(feed, { slot, round: anchors });
    const segment = await segmentOf(feed, institution, 0);
    if (segment === undefined) throw new Error('no segment');
    return { institution, anchors, digest, segment };
  }

  test('are given for the next anchor alone', async () => {
    const asked = await request();
    for (const anchors of [asked.anchors - 1, asked.anchors + 2]) {
      const answer = acknowledge(node(1).feed, { ...asked, anchors });
      await expect(answer).rejects.toThrow(refused('SOURCE_FAILED', 'anchors'));
    }
  });

  test('are not given for a digest that the segment does not open', async () => {
    const asked = await request();
    const digest = `0x${'5'.repeat(64)}`;
    const answer = acknowledge(node(1).feed, { ...asked, digest });
    await expect(answer).rejects.toThrow(refused('SOURCE_FAILED', 'digest'));
  });

  test('are not given to oneself, nor to one who is not on the ledger', async () => {
    const asked = await request();
    for (const [feed, institution] of [
      [node(0).feed, asked.institution],
      [node(1).feed, 'nobody-at-all'],
    ] as const) {
      const answer = acknowledge(feed, { ...asked, institution });
      await expect(answer).rejects.toThrow(refused('INSTITUTION_UNKNOWN'));
    }
  });

  test('say how far the copy reaches when the segment begins beyond it', async () => {
    const secrets = ['9001', '9002', '9003'];
    await publishWithdrawals(node(0).feed, secrets);
    const asked = await request();
    const end = asked.segment.entries.length;
    const segment = await segmentOf(node(0).feed, node(0).institution, end);
    const answer = await acknowledge(node(1).feed, { ...asked, segment });
    expect(answer).toEqual({ after: end - secrets.length });
    await node(0).anchoring.anchorNow();
  });

  test('are not given for a digest that leaves out an entry held for a minute', async () => {
    const { feed, institution } = node(0);
    const before = await request();
    const older = before.segment.digests.find((preimage) => digestOf(preimage) === before.digest);
    await publishWithdrawals(feed, ['31337']);
    await syncFeeds(node(1).feed, network.peers);
    const late = Date.now() + 61_000;
    const acknowledger = {
      ...node(1).feed,
      clock: { nowMs: () => late, nowSeconds: () => node(1).feed.clock.nowSeconds() + 61 },
    };
    // Signed again by the institution itself: an old head in a current digest.
    const segment = await segmentOf(feed, institution, 0);
    if (segment === undefined || older === undefined) throw new Error('no segment');
    const changed = { ...segment, digests: [older] };
    const seq = changed.entries.length;
    const signature = await feed.keys.sign(segmentHash(feed.network, { ...changed, seq }));
    const burying = { ...before, segment: { ...changed, signature } };
    const answer = acknowledge(acknowledger, burying);
    await expect(answer).rejects.toThrow(refused('SOURCE_FAILED', 'omission'));
    expect(await acknowledge(node(1).feed, burying)).toHaveProperty('signature');
  });

  test('carry the withdrawal to who acknowledges', async () => {
    await publishWithdrawals(node(3).feed, ['5550123']);
    await node(3).anchoring.anchorNow();
    const holders = await Promise.all(
      [0, 1, 2].map((slot) =>
        node(slot).feed.db.transaction(async (tx) => {
          return (await isWithdrawn(tx, [String(handleOf(5550123n))])).size;
        }, 'read'),
      ),
    );
    expect(holders.reduce((sum, held) => sum + held, 0)).toBeGreaterThanOrEqual(QUORUM);
  });
});
