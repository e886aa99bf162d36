import type { ErrorCode } from '../../core/error-codes.js';
import { codeOf, DomainError } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import { type Repeated, repeatAtCadence } from '../base/repeat-at-cadence.js';
import { anchorInterval, dueInMs, type IntervalOptions, requireOwn } from './interval.js';

export interface AnchoringOptions extends IntervalOptions {
  /**
   * Before each interval is prepared: finds out what became of an anchor that this node did not see confirmed, so
   * that the ledger's count of its anchors is the newest.
   */
  readonly settle?: () => Promise<void>;
  readonly cadenceMs: number;
}

export interface AnchoringHealth {
  readonly lastAnchoredAt: Seconds | undefined;
  /** Why the last interval did not anchor; undefined if it did. */
  readonly lastError: ErrorCode | undefined;
}

/** What the ledger says of this institution at one block. */
export interface OwnHead extends ConfirmedAnchor {
  /** How often governance gave it keys. */
  readonly term: number;
  /** Whether it has anchored, and its slot is empty all the same: governance has renewed its keys. */
  readonly isSlotEmptied: boolean;
}

interface ConfirmedAnchor {
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
  /**
   * Anchors again at once, while the cadence runs, what a reorganisation of the ledger took out or a
   * rotation of this institution's keys ended: until then nothing registered here can be proven.
   */
  noticeHead(own: OwnHead): void;
  health(): AnchoringHealth;
}

/** Makes an institution's anchoring. Every interval does the same work, changed or not. */
export function createAnchoring(options: AnchoringOptions): Anchoring {
  return new SteadyAnchoring(options);
}

class SteadyAnchoring implements Anchoring {
  #health: AnchoringHealth = { lastAnchoredAt: undefined, lastError: undefined };
  readonly #options: AnchoringOptions;
  /** This institution's anchors up to the last confirmed one, and the block that held it. */
  #confirmed: ConfirmedAnchor | undefined;
  /** The newest term whose empty slot was noticed: one that cannot be anchored is left to the cadence. */
  #noticedTerm = 0;
  #isRunning = false;
  #inProgress: Promise<unknown> = Promise.resolve();

  constructor(options: AnchoringOptions) {
    this.#options = options;
  }

  health(): AnchoringHealth {
    return this.#health;
  }

  anchorNow(): Promise<void> {
    const anchored = this.#inProgress.then(() => this.#anchor());
    this.#inProgress = anchored.catch(() => undefined);
    return anchored;
  }

  start(): Repeated {
    const { feed, cadenceMs: everyMs } = this.#options;
    this.#isRunning = true;
    const cadence = repeatAtCadence({
      everyMs,
      firstAfterMs: dueInMs(feed, everyMs),
      work: () => this.anchorNow(),
      onError: (thrown) => this.#warn(thrown),
    });
    return {
      stop: async () => {
        this.#isRunning = false;
        await cadence.stop();
        await this.#inProgress;
      },
    };
  }

  noticeHead(own: OwnHead): void {
    if (!this.#isRunning) return;
    const { log } = this.#options;
    if (this.#confirmed !== undefined && isLost(this.#confirmed, own)) {
      this.#confirmed = undefined;
      log.warn({ block: own.blockNumber }, 'the ledger lost an anchor that it had confirmed');
    } else if (own.isSlotEmptied && own.term > this.#noticedTerm) {
      this.#noticedTerm = own.term;
      log.warn({ term: own.term }, "this institution's keys were renewed: its slot is empty");
    } else {
      return;
    }
    this.anchorNow().catch((thrown) => this.#warn(thrown));
  }

  async #anchor(): Promise<void> {
    const { lastAnchoredAt } = this.#health;
    try {
      await this.#anchorOnce().catch((thrown) => {
        if (!isEarlierMined(thrown)) throw thrown;
        // An earlier interval's anchor took this one's place at the last moment: this one is still due.
        return this.#anchorOnce();
      });
      const { feed } = this.#options;
      this.#health = { lastAnchoredAt: feed.clock.nowSeconds(), lastError: undefined };
    } catch (thrown) {
      this.#health = { lastAnchoredAt, lastError: codeOf(thrown) };
      throw thrown;
    }
  }

  async #anchorOnce(): Promise<void> {
    await this.#options.settle?.();
    // The snapshot may not show this node's own last anchor yet.
    const own = requireOwn(this.#options.feed);
    const anchors = Math.max(own.anchors, this.#confirmed?.anchors ?? 0);
    // What was counted here may be what is wrong: if this fails, the ledger's count is believed.
    this.#confirmed = undefined;
    const { blockNumber } = await anchorInterval(this.#options, { slot: own.slot, anchors });
    this.#confirmed = { blockNumber, anchors: anchors + 1 };
  }

  #warn(thrown: unknown): void {
    this.#options.log.warn({ code: codeOf(thrown) }, 'not anchored in this interval');
  }
}

/** A block no older than the one that held the anchor does not count it. */
function isLost(confirmed: ConfirmedAnchor, own: OwnHead): boolean {
  return own.blockNumber >= confirmed.blockNumber && own.anchors < confirmed.anchors;
}

function isEarlierMined(thrown: unknown): boolean {
  return (
    thrown instanceof DomainError &&
    thrown.code === 'TRANSACTION_REPLACED' &&
    thrown.facts.by === 'EARLIER'
  );
}
