import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { type Bytes32, digestOf, randomPad, ZERO_HEAD } from '../../../src/consent/base/digest.js';
import { acceptSegment } from '../../../src/consent/feed/accept.js';
import { chainHeads } from '../../../src/consent/feed/chain.js';
import { type Feed, feedHealth, requireCompleteFeed } from '../../../src/consent/feed/feed.js';
import { acceptLostFeed } from '../../../src/consent/feed/lost-feed.js';
import { type FeedSegment, segmentHash } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { isWithdrawn } from '../../../src/consent/feed/store.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { decideTogether } from '../../../src/ledger/governance/votes.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { at } from '../../support/ledger/small-network.js';

let network: Awaited<ReturnType<typeof openAnchoredNetwork>>;
beforeAll(async () => {
  network = await openAnchoredNetwork(4);
  for (const { feed } of network.nodes) await syncFeeds(feed, network.peers);
});
afterAll(() => network.close());

const node = (slot: number) => at(network.nodes, slot);
const refused = (code: string, facts: object) =>
  expect.objectContaining({ code, facts: expect.objectContaining(facts) });
const SECRET = 31_337n;

/** The same feed two minutes from now, or more. */
function later(feed: Feed, ms = 121_000): Feed {
  const { clock } = feed;
  return { ...feed, clock: { ...clock, nowMs: () => clock.nowMs() + ms } };
}

/** A digest of the dishonest institution, over a feed with an entry that it shows to nobody. */
async function committed() {
  const { feed, institution, account } = node(0);
  const own = await segmentOf(feed, institution, 0);
  if (own === undefined) throw new Error('no segment');
  const head = chainHeads(own.head, [String(SECRET)]).at(-1) ?? ZERO_HEAD;
  const heads = { feedHead: head, disclosureHead: ZERO_HEAD, evidenceHead: ZERO_HEAD };
  const { chainId, contract } = network.watch.current();
  const { anchors, slot } = network.watch.current().requireInstitution(institution);
  const anchor = { chainId, contract: contract.toLowerCase(), slot, round: anchors };
  const opened = { ...anchor, ...heads, pad: randomPad() };
  const digest = digestOf(opened);
  const signed = async (changed: Partial<FeedSegment>): Promise<FeedSegment> => {
    const segment = { ...own, digests: [opened], ...changed };
    const seq = segment.after + segment.entries.length;
    const hash = segmentHash(feed.network, { ...segment, seq });
    return { ...segment, signature: await feed.keys.sign(hash) };
  };
  const full = () => signed({ entries: [...own.entries, String(SECRET)], head });
  const anchorWith = async (acknowledgements: readonly string[]) => {
    const given = acknowledgements as readonly Bytes32[];
    const shard = { account, shardRoot: 7n, digest, acknowledgements: given };
    await anchorShard(network.register, shard);
    await network.watch.refresh();
  };
  const askFor = (segment: FeedSegment) => ({ institution, anchors, digest, segment });
  /** Signed without holding anything: what only a colluder does. */
  const colluding = (other: number) => node(other).feed.keys.acknowledge({ slot, anchors, digest });
  return { own, head, signed, full, anchorWith, askFor, colluding };
}

describe('an institution that commits to a feed and withholds it', () => {
  test('is acknowledged by no honest other, whatever it shows in its place', async () => {
    const { own, head, signed, askFor } = await committed();
    const honest = node(3).feed;
    // The feed without the entry: it does not reach what is committed to.
    expect(await acknowledge(honest, askFor(await signed({})))).toEqual({ after: own.after });
    const tries: [string, FeedSegment][] = [
      ['digest', await signed({ digests: own.digests })],
      ['head', await signed({ entries: [...own.entries, '4'], head })],
      ['signature', { ...(await signed({})), head }],
    ];
    for (const [check, segment] of tries) {
      const answer = acknowledge(honest, askFor(segment));
      await expect(answer).rejects.toThrow(refused('SOURCE_FAILED', { check }));
    }
  });

  test('cannot anchor alone, nor with one colluder', async () => {
    const { anchorWith, colluding } = await committed();
    const { epoch } = network.watch.current();
    const [own, one] = [await colluding(0), await colluding(1)];
    for (const signatures of [[], [own], [one], [own, one], [one, one]]) {
      await expect(anchorWith(signatures)).rejects.toThrow(
        refused('LEDGER_REFUSED', { error: expect.stringMatching(/^Acknowledgement/) }),
      );
    }
    expect((await network.watch.refresh()).epoch).toBe(epoch);
  });

  test('with two colluders stops the others, who name it, until it is served', async () => {
    const { full, anchorWith, colluding } = await committed();
    await anchorWith([await colluding(1), await colluding(2)]);
    const { feed } = node(3);
    const { institution } = node(0);
    await syncFeeds(feed, network.peers);
    requireCompleteFeed(feed);
    expect(() => requireCompleteFeed(later(feed))).toThrow(refused('FEED_GAP', { institution }));
    expect(feedHealth(later(feed))).toEqual({ behind: [institution], forked: [] });
    // Any node that serves it heals everyone who asks: here a colluder that repents.
    await acceptSegment(node(1).feed, institution, await full());
    await syncFeeds(feed, network.peers);
    requireCompleteFeed(later(feed));
    const handle = String(handleOf(SECRET));
    const withdrawn = feed.db.transaction((tx) => isWithdrawn(tx, [handle]), 'read');
    expect(await withdrawn).toEqual(new Set([handle]));
  });

  test('is a gap after it is suspended too, until an operator goes on without what nobody has', async () => {
    const { anchorWith, colluding } = await committed();
    await anchorWith([await colluding(1), await colluding(2)]);
    const { institution } = node(0);
    await decideTogether(network.register, network.accounts, { kind: 'SUSPEND', slot: 0 });
    await network.watch.refresh();
    // The test before looked as far ahead as two minutes.
    const feed = later(node(3).feed, 300_000);
    expect(() => requireCompleteFeed(feed)).toThrow(refused('FEED_GAP', { institution }));
    await expect(node(3).anchoring.anchorNow()).rejects.toThrow(
      refused('FEED_GAP', { institution }),
    );
    const ledger = network.watch.current().institutions;
    await acceptLostFeed(feed.db, ledger, { of: institution, at: feed.clock.nowSeconds() });
    const { feed: reopened, anchoring } = await network.openNode(3);
    requireCompleteFeed(reopened);
    await anchoring.anchorNow();
  });
});
