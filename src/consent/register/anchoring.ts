import type { ErrorCode } from '../../core/error-codes.js';
import { codeOf, DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Seconds } from '../../core/time.js';
import { anchorInterval, dueInMs, type IntervalOptions, requireOwn } from './interval.js';
import { type Repeated, repeat } from './repeat.js';

export interface AnchoringOptions extends IntervalOptions {
  /**
   * Before each interval is prepared: finds out what became of an anchor that this node did not see confirmed, so
   * that the ledger's count of its anchors is the newest.
   */
  readonly settle?: () => Promise<void>;
  readonly cadenceMs: number;
  readonly log: Logger;
}

export interface AnchoringHealth {
  readonly lastAnchoredAt: Seconds | undefined;
  /** Why the last interval did not anchor; undefined if it did. */
  readonly lastError: ErrorCode | undefined;
}

/** What the ledger says of this institution at one block. */
export interface OwnHead {
  readonly blockNumber: number;
  readonly anchors: number;
}

/** One institution's anchoring: alone, with its own account, at a fixed cadence. */
export interface Anchoring {
  /**
   * Anchors now, after an anchor in progress, so that everything registered before the call is
   * under the new root when it settles. @throws what kept it from anchoring.
   */
  anchorNow(): Promise<void>;
  /** Begins the cadence, where it was left: the first anchor is due a cadence after the last one on the ledger. */
  start(): Repeated;
  /** Anchors again at once, while the cadence runs, what a reorganisation of the ledger took out. */
  noticeHead(own: OwnHead): void;
  health(): AnchoringHealth;
}

/** Makes an institution's anchoring. Every interval does the same work, changed or not. */
export function createAnchoring(options: AnchoringOptions): Anchoring {
  const { feed, cadenceMs, log } = options;
  let health: AnchoringHealth = { lastAnchoredAt: undefined, lastError: undefined };
  /** This institution's anchors up to the last confirmed one, and the block that held it. */
  let confirmed: OwnHead | undefined;
  let isRunning = false;
  let inProgress: Promise<unknown> = Promise.resolve();

  async function anchorOnce(): Promise<void> {
    await options.settle?.();
    // The snapshot may not show this node's own last anchor yet.
    const own = requireOwn(feed);
    const anchors = Math.max(own.anchors, confirmed?.anchors ?? 0);
    // What was counted here may be what is wrong: if this fails, the ledger's count is believed.
    confirmed = undefined;
    const { blockNumber } = await anchorInterval(options, { slot: own.slot, anchors });
    confirmed = { blockNumber, anchors: anchors + 1 };
  }

  async function anchorWithHealth(): Promise<void> {
    const { lastAnchoredAt } = health;
    try {
      await anchorOnce().catch((thrown) => {
        if (!isEarlierMined(thrown)) throw thrown;
        // An earlier interval's anchor took this one's place at the last moment: this one is still due.
        return anchorOnce();
      });
      health = { lastAnchoredAt: feed.clock.nowSeconds(), lastError: undefined };
    } catch (thrown) {
      health = { lastAnchoredAt, lastError: codeOf(thrown) };
      throw thrown;
    }
  }

  function anchorNow(): Promise<void> {
    const anchored = inProgress.then(anchorWithHealth);
    inProgress = anchored.catch(() => undefined);
    return anchored;
  }

  const onError = (thrown: unknown) =>
    log.warn({ code: codeOf(thrown) }, 'not anchored in this interval');

  return {
    anchorNow,
    start() {
      isRunning = true;
      const firstAfterMs = dueInMs(feed, cadenceMs);
      const cadence = repeat({ everyMs: cadenceMs, firstAfterMs, work: anchorNow, onError });
      return {
        stop: async () => {
          isRunning = false;
          await cadence.stop();
          await inProgress;
        },
      };
    },
    noticeHead(own) {
      if (!isRunning || confirmed === undefined || !isLost(confirmed, own)) return;
      confirmed = undefined;
      log.warn({ block: own.blockNumber }, 'the ledger lost an anchor that it had confirmed');
      anchorNow().catch(onError);
    },
    health: () => health,
  };
}

/** A block no older than the one that held the anchor does not count it. */
function isLost(confirmed: OwnHead, own: OwnHead): boolean {
  return own.blockNumber >= confirmed.blockNumber && own.anchors < confirmed.anchors;
}

function isEarlierMined(thrown: unknown): boolean {
  return (
    thrown instanceof DomainError &&
    thrown.code === 'TRANSACTION_REPLACED' &&
    thrown.facts.by === 'EARLIER'
  );
}
