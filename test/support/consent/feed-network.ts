import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { prepareDigest } from '../../../src/consent/anchoring/prepare-digest.js';
import type { Bytes32 } from '../../../src/consent/base/digest.js';
import {
  type Feed,
  type FeedKeys,
  type FeedOptions,
  feedHealth,
  openFeed,
} from '../../../src/consent/feed/feed.js';
import { acceptOffer } from '../../../src/consent/feed/offer.js';
import type { FeedPeers } from '../../../src/consent/feed/peers.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import {
  feedDigest,
  feedEntry,
  feedGapAccepted,
  feedHead,
  feedOpened,
  feedRepublished,
} from '../../../src/consent/tables/table-feed.js';
import { withdrawalHeld } from '../../../src/consent/tables/table-held.js';
import { type InstitutionId, toInstitutionId } from '../../../src/core/ids.js';
import type { LedgerInstitution } from '../../../src/ledger/read/read.js';
import {
  generateLedgerKey,
  type LedgerAccount,
  ledgerAccountOf,
} from '../../../src/ledger/write/account.js';
import {
  type Acknowledgement,
  acknowledgeDigest,
  acknowledgerOf,
} from '../../../src/ledger/write/acknowledge.js';
import { recoverSigner, signHash } from '../../../src/ledger/write/sign-hash.js';
import { issuerOf, leafOf } from '../ledger/issuers.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { settableClock } from './hospital.js';
import { NETWORK } from './study-wallet.js';

/** All that a node stores of feeds; the order is that in which it can be deleted. */
export const FEED_TABLES = [
  ...[feedEntry, feedHead, feedDigest],
  ...[feedOpened, feedGapAccepted, feedRepublished, withdrawalHeld],
] as const;

export const CHAIN = { chainId: 31_999, contract: `0x${'1'.repeat(40)}` } as const;

/** Keys as a node has them: real signatures of a real account. */
export function feedKeysOf(
  account: LedgerAccount,
  chain: Pick<Acknowledgement, 'chainId' | 'contract'> = CHAIN,
): FeedKeys {
  return {
    sign: (hash) => signHash(account, hash),
    recover: recoverSigner,
    acknowledge: (anchor) => acknowledgeDigest(account, { ...chain, ...anchor }),
    acknowledgerOf: (anchor, signature) =>
      acknowledgerOf({ ...chain, ...anchor }, signature as `0x${string}`),
  };
}

/** Several institutions whose feeds reach each other in process, over a ledger that a test writes. */
export async function openFeedNetwork(...names: readonly string[]) {
  const server = await openFreshPglite();
  const { clock, advance } = settableClock('2026-06-01T12:00:00Z');
  const ids = names.map(toInstitutionId);
  const accounts = new Map(ids.map((id) => [id, ledgerAccountOf(generateLedgerKey())]));
  const institutions: LedgerInstitution[] = ids.map((id, slot) => ({
    id,
    name: id,
    endpoint: '',
    roles: ['HOSPITAL'],
    status: 'ACTIVE',
    slot,
    term: 1,
    issuer: issuerOf(slot),
    issuerLeaf: leafOf(slot, 1, id),
    anchors: 0,
    lastAnchor: undefined,
    pendingEndpoint: undefined,
    account: accountOf(id).address,
  }));
  const feeds = new Map<InstitutionId, Feed>();
  /** Institutions that do not answer. */
  const silent = new Set<InstitutionId>();
  /** What a lying institution makes of each segment that it hands over. */
  const lies = new Map<InstitutionId, (segment: unknown) => unknown>();

  function accountOf(id: InstitutionId): LedgerAccount {
    const account = accounts.get(id);
    if (account === undefined) throw new RangeError(id);
    return account;
  }

  async function open(
    id: InstitutionId,
    onWithdrawn?: (handles: readonly string[]) => void,
    options: Partial<FeedOptions> = {},
  ) {
    const feed = await openFeed({
      db: await server.open(id),
      institution: id,
      clock,
      network: NETWORK,
      ledger: () => ({ ...CHAIN, institutions }),
      keys: feedKeysOf(accountOf(id)),
      ...(onWithdrawn ? { onWithdrawn } : {}),
      ...options,
    });
    feeds.set(id, feed);
    return feed;
  }

  function feedOf(id: string): Feed {
    const feed = feeds.get(toInstitutionId(id));
    if (feed === undefined) throw new RangeError(id);
    return feed;
  }

  const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const peers: FeedPeers = {
    fetchSegment: async (from, of, after) => {
      if (silent.has(from)) throw new Error('no answer');
      const segment = overTheWire(await segmentOf(feedOf(from), of, after));
      return lies.get(from)?.(segment) ?? segment;
    },
    fetchForked: async (from) => {
      if (silent.has(from)) throw new Error('no answer');
      return { institutions: feedHealth(feedOf(from)).forked };
    },
    fetchFork: async (from, of) => overTheWire(feedOf(from).forks.get(of)?.evidence),
    offerHeld: async (to, offer) => {
      if (silent.has(to)) throw new Error('no answer');
      await acceptOffer(feedOf(to), overTheWire(offer));
    },
    requestAcknowledgement: async (from, request) => {
      if (silent.has(from)) throw new Error('no answer');
      return overTheWire(await acknowledge(feedOf(from), overTheWire(request)));
    },
  };

  /** Puts a digest on the ledger, as an anchor does. */
  function anchored(id: string, digest: Bytes32): void {
    const slot = institutions.findIndex((listed) => listed.id === id);
    const institution = institutions[slot];
    if (institution === undefined) throw new RangeError(id);
    const lastAnchor = { digest, shardRoot: 1n, epoch: 1, anchoredAt: clock.nowSeconds() };
    institutions[slot] = { ...institution, anchors: institution.anchors + 1, lastAnchor };
  }

  /** Prepares the digest of an institution's next anchor. */
  function prepare(id: string) {
    const slot = institutions.findIndex((listed) => listed.id === id);
    return prepareDigest(feedOf(id), { slot, round: institutions[slot]?.anchors ?? 0 });
  }

  async function anchor(id: string): Promise<Bytes32> {
    const { digest } = await prepare(id);
    anchored(id, digest);
    return digest;
  }

  for (const id of ids) await open(id);
  const close = () => server.close();
  return {
    ids,
    institutions,
    feedOf,
    open,
    peers,
    silent,
    lies,
    prepare,
    anchor,
    anchored,
    advance,
    close,
  };
}

export type FeedNetwork = Awaited<ReturnType<typeof openFeedNetwork>>;
