import type { Hex } from 'viem';
import { type Clock, systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { ChainReader } from './chain-reader.js';
import { type LedgerPins, openRegister } from './connection.js';
import type { HighWaterStore } from './high-water.js';
import { refusalOf } from './refusal.js';
import type { LedgerSnapshot } from './snapshot.js';

export interface WatchOptions {
  readonly rpcUrl: string;
  readonly contract: Hex;
  readonly pins: LedgerPins;
  /** How old a snapshot may be before it decides nothing any more. */
  readonly maxAgeMs: number;
  /** How often the newest block is asked for. */
  readonly pollMs: number;
  /** Without one, a ledger set back to an older state is noticed only while this process runs. */
  readonly highWater?: HighWaterStore;
  /** How old an epoch must be to be taken for final; 60 unless given. */
  readonly finalitySeconds?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** A view of the register that is kept up to date, so that no call to a chain sits on a request's path. */
export interface LedgerWatch {
  /**
   * The newest snapshot.
   *
   * @throws DomainError LEDGER_UNAVAILABLE if it is older than `maxAgeMs` or there is none yet; LEDGER_MISMATCH or
   * LEDGER_REGRESSED, at once, while the ledger is not the one pinned or shows less than was final.
   */
  current(): LedgerSnapshot;
  /** Settles with the first attempt to read: the snapshot, or the code for which there is none. Watching goes on. */
  readonly ready: Promise<LedgerSnapshot>;
  /** Calls back with each new block's snapshot. @returns a function that ends it. */
  onHead(callback: (snapshot: LedgerSnapshot) => void): () => void;
  /** Reads now instead of at the next poll, for one who has just written. @throws as `current`. */
  refresh(): Promise<LedgerSnapshot>;
  stop(): void;
}

const FINALITY_SECONDS = 60;
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['LEDGER_MISMATCH', 'LEDGER_REGRESSED']);

/** Begins to watch. Nothing is thrown here: the first failure is in `ready` and in `current`. */
export function watchLedger(options: WatchOptions): LedgerWatch {
  return new Watch(options);
}

class Watch implements LedgerWatch {
  readonly ready: Promise<LedgerSnapshot>;
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #reader: ChainReader;
  readonly #callbacks = new Set<(snapshot: LedgerSnapshot) => void>();
  #snapshot: LedgerSnapshot | undefined;
  #refusal: DomainError | undefined;
  #reading: Promise<LedgerSnapshot> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#reader = new ChainReader({
      register: openRegister(options.rpcUrl, options.contract, options.pins),
      clock: this.#clock,
      highWater: options.highWater,
      finalitySeconds: options.finalitySeconds ?? FINALITY_SECONDS,
    });
    this.ready = this.refresh();
    // Whoever does not wait for it learns the same from current().
    this.ready.catch(() => {}).finally(() => this.#pollLater());
  }

  current(): LedgerSnapshot {
    if (this.#refusal !== undefined) throw this.#refusal;
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new DomainError('LEDGER_UNAVAILABLE');
    const ageMs = this.#clock.nowMs() - snapshot.readAtMs;
    if (ageMs > this.#options.maxAgeMs) throw new DomainError('LEDGER_UNAVAILABLE', { ageMs });
    return snapshot;
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
  }

  #pollLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.refresh()
        .catch(() => {})
        .finally(() => this.#pollLater());
    }, this.#options.pollMs);
    this.#timer.unref();
  }

  async #read(): Promise<LedgerSnapshot> {
    try {
      const snapshot = await this.#reader.read();
      const isNewHead = snapshot.blockHash !== this.#snapshot?.blockHash;
      this.#snapshot = snapshot;
      this.#refusal = undefined;
      if (isNewHead) this.#tell(snapshot);
      return snapshot;
    } catch (thrown) {
      const refusal = refusalOf(thrown, 'snapshot');
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
