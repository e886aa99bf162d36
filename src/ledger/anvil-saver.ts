import { createTestClient, hexToBytes, http, type TestClient } from 'viem';
import { DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { AnvilStateFile } from './anvil-state.js';
import { type Ledger, openLedger } from './connection.js';

export interface AnvilSaverOptions {
  readonly url: string;
  readonly chainId: number;
  readonly file: AnvilStateFile;
  /** How often new blocks are looked for. */
  readonly everyMs: number;
  readonly log: Logger;
}

const DUMP_TIMEOUT_MS = 30_000;
/** A dump grows with the chain: it may take a twentieth of the time, but never waits longer than half of finality. */
const REST_PER_DUMP = 20;
const MOST_REST_MS = 30_000;

/** Copies a running anvil's state to its file, at each new block and when told. */
export class AnvilSaver {
  readonly #options: AnvilSaverOptions;
  readonly #ledger: Ledger;
  readonly #anvil: TestClient;
  #saving: Promise<void> = Promise.resolve();
  #savedBlock: bigint | undefined;
  #lastDumpMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AnvilSaverOptions) {
    this.#options = options;
    this.#ledger = openLedger(options.url, options.chainId);
    const transport = http(options.url, { retryCount: 0, timeout: DUMP_TIMEOUT_MS });
    this.#anvil = createTestClient({ mode: 'anvil', transport });
  }

  begin(): void {
    const restMs = Math.min(this.#lastDumpMs * REST_PER_DUMP, MOST_REST_MS);
    const waitMs = Math.max(this.#options.everyMs, restMs);
    this.#timer = setTimeout(() => {
      this.#saveIfNew()
        .catch((fault) => {
          this.#options.log.error(fault, 'the state of the ledger could not be saved');
        })
        .finally(() => {
          if (this.#timer !== undefined) this.begin();
        });
    }, waitMs);
    this.#timer.unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @throws DomainError STATE_UNWRITABLE, LEDGER_UNAVAILABLE. */
  save(): Promise<void> {
    // One after the other: two at once would write the same file.
    const save = this.#saving.then(() => this.#save());
    this.#saving = save.catch(() => {});
    return save;
  }

  async #saveIfNew(): Promise<void> {
    // While anvil is down there is nothing to save; its supervisor says so.
    const block = await this.#ledger.client.getBlockNumber().catch(() => undefined);
    if (block !== undefined && block !== this.#savedBlock) await this.save();
  }

  async #save(): Promise<void> {
    const beganMs = performance.now();
    const { block, gzipped } = await this.#dump();
    this.#lastDumpMs = performance.now() - beganMs;
    await this.#options.file.save(gzipped);
    this.#savedBlock = block;
  }

  async #dump(): Promise<{ readonly block: bigint; readonly gzipped: Uint8Array }> {
    try {
      // The number is read first: a block that comes in between is saved now and again at the next turn.
      const block = await this.#ledger.client.getBlockNumber();
      return { block, gzipped: hexToBytes(await this.#anvil.dumpState()) };
    } catch {
      throw new DomainError('LEDGER_UNAVAILABLE', { call: 'dumpState' });
    }
  }
}
