import { hexToBytes } from 'viem';
import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { AnvilStateFile } from './anvil-state.js';
import type { OwnersWay } from './guard/owner.js';

export interface AnvilSaverOptions {
  readonly way: OwnersWay;
  readonly file: AnvilStateFile;
  /** How often new blocks are looked for. */
  readonly everyMs: number;
  readonly log: Logger;
}

const hexShape = z.templateLiteral(['0x', z.string()]);
const DUMP_TIMEOUT_MS = 30_000;
/** A dump grows with the chain: it may take a twentieth of the time, but never waits longer than half of finality. */
const REST_PER_DUMP = 20;
const MAX_REST_MS = 30_000;

/** Copies a running anvil's state to its file, at each new block and when told. */
export class AnvilSaver {
  readonly #options: AnvilSaverOptions;
  #saving: Promise<void> = Promise.resolve();
  #savedBlock: bigint | undefined;
  #lastDumpMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AnvilSaverOptions) {
    this.#options = options;
  }

  begin(): void {
    const restMs = Math.min(this.#lastDumpMs * REST_PER_DUMP, MAX_REST_MS);
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
    const block = await this.#block().catch(() => undefined);
    if (block !== undefined && block !== this.#savedBlock) await this.save();
  }

  async #save(): Promise<void> {
    const beganMs = performance.now();
    const { block, gzipped } = await this.#dump();
    this.#lastDumpMs = performance.now() - beganMs;
    await this.#options.file.save(gzipped);
    this.#savedBlock = block;
  }

  async #block(): Promise<bigint> {
    return BigInt(hexShape.parse(await this.#options.way.ask('eth_blockNumber', [])));
  }

  async #dump(): Promise<{ readonly block: bigint; readonly gzipped: Uint8Array }> {
    try {
      // The number is read first: a block that comes in between is saved now and again at the next turn.
      const block = await this.#block();
      const dump = await this.#options.way.ask('anvil_dumpState', [], DUMP_TIMEOUT_MS);
      return { block, gzipped: hexToBytes(hexShape.parse(dump)) };
    } catch {
      throw new DomainError('LEDGER_UNAVAILABLE', { call: 'dumpState' });
    }
  }
}
