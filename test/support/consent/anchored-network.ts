import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { createAnchoring } from '../../../src/consent/anchoring/anchoring.js';
import type { AnchorToSend } from '../../../src/consent/anchoring/interval.js';
import { type Feed, feedHealth, openFeed } from '../../../src/consent/feed/feed.js';
import { acceptOffer } from '../../../src/consent/feed/offer.js';
import type { AcknowledgementRequest, FeedPeers } from '../../../src/consent/feed/peers.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import type { PathLedger } from '../../../src/consent/shard/paths.js';
import { systemClock } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { readTopPath } from '../../../src/ledger/read/read.js';
import { watchLedger } from '../../../src/ledger/watch/watch.js';
import {
  at,
  CHAIN_ID,
  deployNetwork,
  rootOf,
  silentLog,
  startChain,
} from '../ledger/small-network.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { feedKeysOf } from './feed-network.js';
import { NETWORK } from './study-wallet.js';

export const QUORUM = 2;

/** Institutions of the real contract on a real chain, whose nodes reach each other in process. */
export async function openAnchoredNetwork(size: number) {
  const chain = await startChain();
  const { register, accounts } = await deployNetwork(chain.anvil, size, QUORUM);
  const { contract, pins } = register;
  const watch = watchLedger({
    rpcUrls: [chain.anvil.url],
    rootOf,
    contract,
    pins,
    maxAgeMs: 600_000,
    pollMs: 600_000,
    subscribe: false,
    maxHeadAgeMs: 600_000,
  });
  await watch.ready;
  const server = await openFreshPglite();
  const ids = accounts.map((_, slot) => toInstitutionId(`institution-${slot}`));
  const feeds = new Map<string, Feed>();
  /** What each institution answers instead of acknowledging. */
  const lies = new Map<string, (request: AcknowledgementRequest) => unknown>();
  /** Institutions whose questions nobody answers. */
  const cut = new Set<string>();

  const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const peers: FeedPeers = {
    fetchSegment: async (from, of, after) => overTheWire(await segmentOf(feedOf(from), of, after)),
    fetchForked: async (from) => {
      return { institutions: feedHealth(feedOf(from)).forked };
    },
    fetchFork: async (from, of) => overTheWire(feedOf(from).forks.get(of)?.evidence),
    offerHeld: async (to, offer) => acceptOffer(feedOf(to), overTheWire(offer)),
    requestAcknowledgement: async (from, request) => {
      const lie = lies.get(from);
      if (lie) return lie(request);
      return overTheWire(await acknowledge(feedOf(from), overTheWire(request)));
    },
  };

  function feedOf(id: string): Feed {
    const feed = feeds.get(id);
    if (feed === undefined) throw new RangeError(id);
    return feed;
  }

  async function openNode(slot: number) {
    const institution = at(ids, slot);
    const account = at(accounts, slot);
    const feed = await openFeed({
      db: await server.open(institution),
      institution,
      clock: systemClock,
      network: NETWORK,
      ...{
        ledger: () => watch.current(),
        keys: feedKeysOf(account, { chainId: CHAIN_ID, contract }),
      },
    });
    feeds.set(institution, feed);
    const sent: AnchorToSend[] = [];
    const anchorOnLedger = async (anchor: AnchorToSend) => {
      sent.push(anchor);
      const acknowledgements = anchor.acknowledgements as readonly `0x${string}`[];
      const taken = await anchorShard(register, { ...anchor, account, acknowledgements });
      await watch.refresh();
      return taken;
    };
    const timing = { quorum: () => QUORUM, cadenceMs: 50, log: silentLog };
    const unlessCut: FeedPeers = {
      ...peers,
      fetchSegment: async (...asked) => {
        if (cut.has(institution)) throw new Error('no answer');
        return peers.fetchSegment(...asked);
      },
    };
    const anchoring = createAnchoring({ feed, peers: unlessCut, anchorOnLedger, ...timing });
    const ledger: PathLedger = {
      own: () => watch.current().requireInstitution(institution),
      topPath: (of) => readTopPath(register, of),
    };
    return { institution, feed, anchoring, ledger, sent, account };
  }

  const nodes = [];
  for (const slot of ids.keys()) nodes.push(await openNode(slot));

  async function close(): Promise<void> {
    watch.stop();
    await server.close();
    await chain.end();
  }
  return { register, accounts, watch, nodes, openNode, peers, lies, cut, chain, close };
}
