import type { Hex } from 'viem';
import { type Clock, systemClock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { toLedgerError } from '../contract/refusal.js';
import { majorityOf } from '../quorum/agreement.js';
import { QuorumReader } from '../quorum/reader.js';
import type { RootOf } from '../quorum/view.js';
import { type LedgerPins, openRegister, type Register } from '../rpc/connection.js';
import { HeadSubscription, socketUrlOf } from '../rpc/head-subscription.js';
import { ChainReader } from './chain-reader.js';
import type { HighWaterStore } from './high-water.js';
import type { LedgerSnapshot } from './snapshot.js';

export interface WatchOptions {
  /** URLs of endpoints of the same ledger, each http, https, ws or wss; at least one. */
  readonly rpcUrls: readonly string[];
  /** How many of them must agree; more than half by default. */
  readonly quorum?: number | undefined;
  /** Recomputes the network root from what the slots hold. */
  readonly rootOf: RootOf;
  /**
   * Whether to listen for new blocks over a WebSocket at the first endpoint, if it serves one; true
   * by default.
   */
  readonly subscribe?: boolean;
  readonly contract: Hex;
  readonly pins: LedgerPins;
  /** How old a snapshot may be before it may no longer be used for decisions. */
  readonly maxAgeMs: number;
  /**
   * How often the newest block is asked for when blocks are not announced; a third as often when
   * they are.
   */
  readonly pollMs: number;
  /**
   * How long a chain may go without a new block before its newest one may no longer be used for
   * decisions; 120,000 by default.
   */
  readonly maxHeadAgeMs?: number;
  /**
   * Without it, a ledger that was reset to an older state is noticed only while this process runs.
   */
  readonly highWater?: HighWaterStore;
  /** How old an epoch must be to count as final; 60 by default. */
  readonly finalitySeconds?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** A view of the register that is kept up to date, so that no call to a chain sits on a request's path. */
export interface LedgerWatch {
  /**
   * The newest snapshot.
   *
   * @throws DomainError LEDGER_UNAVAILABLE if there is no snapshot yet, it is older than
   * `maxAgeMs`, or its block is older than `maxHeadAgeMs`; LEDGER_MISMATCH or LEDGER_REGRESSED, at
   * once, while the ledger is not the pinned one or lacks epochs that were final.
   */
  current(): LedgerSnapshot;
  /**
   * As `current`, but also on a chain without new blocks: for work that makes the chain move on,
   * never for releasing data.
   */
  latest(): LedgerSnapshot;
  /** Whether new blocks are announced, over a WebSocket; they are polled for in any case. */
  isSubscribed(): boolean;
  /**
   * Settles after the first attempt to read: with the snapshot, or with the code of the failure.
   * Watching goes on.
   */
  readonly ready: Promise<LedgerSnapshot>;
  /** Calls back with each new block's snapshot. @returns a function that ends it. */
  onHead(callback: (snapshot: LedgerSnapshot) => void): () => void;
  /** Reads now instead of at the next poll, for one who has just written. @throws as `current`. */
  refresh(): Promise<LedgerSnapshot>;
  stop(): void;
}

const FINALITY_SECONDS = 60;
const MAX_HEAD_AGE_MS = 120_000;
/** After so many polls without an announcement the ledger is asked anyway. */
const QUIET_POLLS = 3;
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['LEDGER_MISMATCH', 'LEDGER_REGRESSED']);

/** Begins to watch. Nothing is thrown here: the first failure is in `ready` and in `current`. */
export function watchLedger(options: WatchOptions): LedgerWatch {
  return new Watch(options);
}

class Watch implements LedgerWatch {
  readonly ready: Promise<LedgerSnapshot>;
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #endpoints: readonly Register[];
  readonly #reader: ChainReader;
  readonly #subscription: HeadSubscription | undefined;
  readonly #callbacks = new Set<(snapshot: LedgerSnapshot) => void>();
  #snapshot: LedgerSnapshot | undefined;
  #headSinceMs = 0;
  #announcedBlock = 0;
  /** A block that came without being announced, as the last poll found it. */
  #unannounced: Hex | undefined;
  #refusal: DomainError | undefined;
  #reading: Promise<LedgerSnapshot> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { rpcUrls, contract, pins, rootOf, log } = options;
    const endpoints = rpcUrls.map((rpcUrl) => openRegister(rpcUrl, contract, pins));
    this.#endpoints = endpoints;
    const { quorum = majorityOf(endpoints.length) } = options;
    this.#reader = new ChainReader({
      register: { contract, pins },
      reader: new QuorumReader({ endpoints, quorum, rootOf, log }),
      clock: this.#clock,
      highWater: options.highWater,
      finalitySeconds: options.finalitySeconds ?? FINALITY_SECONDS,
    });
    const [first] = rpcUrls;
    this.#subscription =
      options.subscribe === false || first === undefined ? undefined : this.#subscribe(first);
    this.ready = this.refresh();
    // A caller that does not wait for it learns the same from current().
    this.ready.catch(() => {}).finally(() => this.#pollLater());
  }

  current(): LedgerSnapshot {
    const snapshot = this.latest();
    // Compared with the block's own time and with this clock: either alone could be wrong.
    const sinceMs = Math.min(snapshot.blockAtMs, this.#headSinceMs);
    const headAgeMs = this.#clock.nowMs() - sinceMs;
    if (headAgeMs > (this.#options.maxHeadAgeMs ?? MAX_HEAD_AGE_MS)) {
      throw new DomainError('LEDGER_UNAVAILABLE', { headAgeMs });
    }
    return snapshot;
  }

  latest(): LedgerSnapshot {
    if (this.#refusal !== undefined) throw this.#refusal;
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new DomainError('LEDGER_UNAVAILABLE');
    const ageMs = this.#clock.nowMs() - snapshot.readAtMs;
    if (ageMs > this.#options.maxAgeMs) throw new DomainError('LEDGER_UNAVAILABLE', { ageMs });
    return snapshot;
  }

  isSubscribed(): boolean {
    return this.#subscription?.isLive() ?? false;
  }

  onHead(callback: (snapshot: LedgerSnapshot) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  async refresh(): Promise<LedgerSnapshot> {
    // A reading under way may have asked before the caller wrote: wait for it, then read once more.
    await this.#reading?.catch(() => {});
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#callbacks.clear();
    this.#subscription?.stop();
    for (const { ledger } of this.#endpoints) ledger.close();
  }

  #subscribe(rpcUrl: string): HeadSubscription {
    return new HeadSubscription({
      url: socketUrlOf(rpcUrl),
      onHead: (block) => this.#onAnnounced(block),
      // Blocks before this were not announced: read once.
      onLive: () => this.#onAnnounced(this.#snapshot?.blockNumber ?? 0),
    });
  }

  #onAnnounced(block: number): void {
    this.#announcedBlock = block;
    this.refresh().catch(() => {});
  }

  #pollLater(): void {
    if (this.#stopped) return;
    const waitMs = this.#options.pollMs * (this.isSubscribed() ? QUIET_POLLS : 1);
    this.#timer = setTimeout(() => {
      this.refresh()
        .then((snapshot) => this.#subscribeAnewIfDeaf(snapshot))
        .catch(() => {})
        .finally(() => this.#pollLater());
    }, waitMs);
    this.#timer.unref();
  }

  /**
   * A socket may be open and deliver nothing: then two polls in a row find a block that was not
   * announced.
   */
  #subscribeAnewIfDeaf({ blockNumber, blockHash }: LedgerSnapshot): void {
    const isDeaf = this.isSubscribed() && blockNumber > this.#announcedBlock;
    if (isDeaf && this.#unannounced === blockHash) this.#subscription?.renew();
    this.#unannounced = isDeaf ? blockHash : undefined;
  }

  async #read(): Promise<LedgerSnapshot> {
    try {
      const snapshot = await this.#reader.read();
      const isNewHead = snapshot.blockHash !== this.#snapshot?.blockHash;
      this.#snapshot = snapshot;
      this.#refusal = undefined;
      if (isNewHead) {
        this.#headSinceMs = snapshot.readAtMs;
        this.#tell(snapshot);
      }
      return snapshot;
    } catch (thrown) {
      const refusal = toLedgerError(thrown, 'snapshot');
      if (refusal instanceof DomainError && FINAL_REFUSALS.has(refusal.code)) {
        if (this.#refusal?.code !== refusal.code)
          this.#options.log?.error(refusal, refusal.message);
        this.#refusal = refusal;
      }
      throw refusal;
    }
  }

  #tell(snapshot: LedgerSnapshot): void {
    for (const callback of this.#callbacks) {
      try {
        callback(snapshot);
      } catch (fault) {
        // One listener's fault must not stop the watch of the others.
        this.#options.log?.error(fault, 'a listener to the ledger head failed');
      }
    }
  }
}
