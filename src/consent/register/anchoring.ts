import type { ErrorCode } from '../../core/error-codes.js';
import { codeOf, DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerInstitution } from '../../ledger/read.js';
import type { Bytes32 } from '../feed/digest.js';
import type { Feed } from '../feed/feed.js';
import type { FeedPeers } from '../feed/peers.js';
import { prepareDigest } from '../feed/prepare-digest.js';
import { collectAcknowledgements } from './acknowledgements.js';
import { prepareAnchor } from './register.js';
import { type Repeated, repeat } from './repeat.js';

/** What one interval puts on the ledger. */
export interface AnchorToSend {
  readonly shardRoot: bigint;
  readonly digest: Bytes32;
  readonly acknowledgements: readonly string[];
}

export interface AnchoringOptions {
  readonly feed: Feed;
  readonly peers: FeedPeers;
  /** Acknowledgements that the contract asks for. */
  readonly quorum: number;
  /** Settles once the ledger confirmed it. @throws DomainError LEDGER_REFUSED, LEDGER_UNAVAILABLE. */
  readonly anchorOnLedger: (anchor: AnchorToSend) => Promise<unknown>;
  readonly cadenceMs: number;
  readonly log: Logger;
}

export interface AnchoringHealth {
  readonly lastAnchoredAt: Seconds | undefined;
  /** Why the last interval did not anchor; undefined if it did. */
  readonly lastError: ErrorCode | undefined;
}

/** One institution's anchoring: alone, with its own account, at a fixed cadence. */
export interface Anchoring {
  /**
   * Anchors now, after an anchor in progress, so that everything registered before the call is
   * under the new root when it settles. @throws what kept it from anchoring.
   */
  anchorNow(): Promise<void>;
  /** Begins the cadence. */
  start(): Repeated;
  health(): AnchoringHealth;
}

/** Makes an institution's anchoring. Every interval does the same work, changed or not. */
export function createAnchoring(options: AnchoringOptions): Anchoring {
  const { feed, cadenceMs, log } = options;
  let health: AnchoringHealth = { lastAnchoredAt: undefined, lastError: undefined };
  let anchorsMade = 0;
  let inProgress: Promise<unknown> = Promise.resolve();

  async function anchorOnce(): Promise<void> {
    const { lastAnchoredAt } = health;
    try {
      // The snapshot may not show this node's own last anchor yet.
      const own = requireOwn(feed);
      const anchors = Math.max(own.anchors, anchorsMade);
      await anchor(options, { slot: own.slot, anchors });
      anchorsMade = anchors + 1;
      health = { lastAnchoredAt: feed.clock.nowSeconds(), lastError: undefined };
    } catch (thrown) {
      // What was counted here may be what is wrong: from now on the ledger's count is believed.
      anchorsMade = 0;
      health = { lastAnchoredAt, lastError: codeOf(thrown) };
      throw thrown;
    }
  }

  function anchorNow(): Promise<void> {
    const anchored = inProgress.then(anchorOnce);
    inProgress = anchored.catch(() => undefined);
    return anchored;
  }

  return {
    anchorNow,
    start: () =>
      repeat({
        everyMs: cadenceMs,
        work: anchorNow,
        onError: (thrown) => log.warn({ code: codeOf(thrown) }, 'not anchored in this interval'),
      }),
    health: () => health,
  };
}

function requireOwn(feed: Feed): LedgerInstitution {
  const own = feed.ledger().institutions.find(({ id }) => id === feed.institution);
  if (own === undefined) {
    throw new DomainError('INSTITUTION_UNKNOWN', { institution: feed.institution });
  }
  return own;
}

async function anchor(
  { feed, peers, quorum, anchorOnLedger }: AnchoringOptions,
  { slot, anchors }: { readonly slot: number; readonly anchors: number },
): Promise<void> {
  const prepared = await prepareAnchor(feed.db);
  const { digest } = await prepareDigest(feed);
  const acknowledgements = await collectAcknowledgements(feed, peers, {
    anchor: { slot, anchors, digest },
    quorum,
  });
  await anchorOnLedger({ shardRoot: prepared.shardRoot, digest, acknowledgements });
  await prepared.commit();
}
