import { DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { type Seconds, unixMsFromSeconds } from '../../core/time.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Bytes32 } from '../base/digest.js';
import type { Feed } from '../feed/feed.js';
import type { FeedPeers } from '../feed/peers.js';
import { publishTombstones } from '../feed/publish.js';
import { followedInstitutions, syncFeed } from '../feed/sync.js';
import { prepareAnchor } from '../shard/shard.js';
import { collectAcknowledgements } from './acknowledgements.js';
import { prepareDigest } from './prepare-digest.js';

/** What one interval puts on the ledger. */
export interface AnchorToSend {
  readonly shardRoot: bigint;
  readonly digest: Bytes32;
  readonly acknowledgements: readonly string[];
}

/** Where the ledger took it. */
export interface AnchorTaken {
  readonly blockNumber: number;
}

export interface IntervalOptions {
  readonly feed: Feed;
  readonly peers: FeedPeers;
  readonly log: Logger;
  /** Acknowledgements that the contract asks for. */
  readonly quorum: () => number;
  /**
   * Settles once the ledger confirmed it.
   *
   * @throws DomainError LEDGER_REFUSED, LEDGER_UNAVAILABLE, ACCOUNT_UNFUNDED, FEE_ABOVE_LIMIT, TRANSACTION_STUCK;
   * TRANSACTION_REPLACED with facts.by EARLIER if an earlier interval's anchor was confirmed instead.
   */
  readonly anchorOnLedger: (anchor: AnchorToSend) => Promise<AnchorTaken>;
}

/** Does one interval's work, with this institution's `anchors` earlier ones. */
export async function anchorInterval(
  { feed, peers, log, quorum, anchorOnLedger }: IntervalOptions,
  { slot, anchors }: { readonly slot: number; readonly anchors: number },
): Promise<AnchorTaken> {
  await requireCaughtUp(feed, peers);
  const prepared = await prepareAnchor(feed.db);
  await publishTombstones(feed);
  const { digest } = await prepareDigest(feed, { slot, round: anchors });
  const acknowledgements = await collectAcknowledgements(feed, peers, {
    anchor: { slot, anchors, digest },
    quorum: quorum(),
    log,
  });
  const { shardRoot } = prepared;
  const taken = await anchorOnLedger({ shardRoot, digest, acknowledgements });
  await prepared.commit();
  return taken;
}

/**
 * Hears the feeds that it is behind with before it anchors: else a node that was away would put back
 * a leaf that was withdrawn meanwhile. An active institution that withholds its feed holds up no
 * anchor, only consents; what a suspended one anchored must be known, because it says nothing more.
 *
 * @throws DomainError FEED_GAP
 */
async function requireCaughtUp(feed: Feed, peers: FeedPeers): Promise<void> {
  const behind = () =>
    followedInstitutions(feed).filter((listed) => !feed.completeness.isComplete(listed));
  await Promise.all(behind().map((of) => syncFeed(feed, peers, of)));
  const missing = behind().find(({ status }) => status !== 'ACTIVE');
  if (missing !== undefined) throw new DomainError('FEED_GAP', { institution: missing.id });
}

/**
 * How long until the next anchor is due, in [0, cadence]: a node that starts again in the middle of an interval it has
 * anchored in does not anchor twice in it.
 */
export function dueInMs(feed: Feed, cadenceMs: number): number {
  const anchoredAt = lastAnchoredAt(feed);
  if (anchoredAt === undefined) return 0;
  const dueMs = unixMsFromSeconds(anchoredAt) + cadenceMs - feed.clock.nowMs();
  // The chain's clock may be ahead of this one.
  return Math.min(Math.max(dueMs, 0), cadenceMs);
}

/** Undefined before the first anchor, and while the slot is empty. */
function lastAnchoredAt(feed: Feed): Seconds | undefined {
  try {
    const last = ownOf(feed)?.lastAnchor;
    return last?.shardRoot === undefined ? undefined : last.anchoredAt;
  } catch {
    // The cadence begins all the same: its first interval says why the ledger cannot be read.
    return undefined;
  }
}

/** @throws DomainError INSTITUTION_UNKNOWN, and what the ledger watch throws. */
export function requireOwn(feed: Feed): LedgerInstitution {
  const own = ownOf(feed);
  if (own === undefined) {
    throw new DomainError('INSTITUTION_UNKNOWN', { institution: feed.institution });
  }
  return own;
}

function ownOf(feed: Feed): LedgerInstitution | undefined {
  return feed.ledger().institutions.find(({ id }) => id === feed.institution);
}
