import { setTimeout as sleep } from 'node:timers/promises';
import { createTestClient, type Hex, http, type TestClient } from 'viem';
import { DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { type AnvilProcess, spawnAnvil } from './anvil-process.js';
import { AnvilSaver } from './anvil-saver.js';
import { AnvilStateFile } from './anvil-state.js';
import { type Ledger, openLedger } from './connection.js';
import { requireFreePort } from './free-port.js';

export interface AnvilOptions {
  /** Where the chain's state is kept; a second file beside it keeps the state before. */
  readonly stateFile: string;
  readonly port: number;
  readonly chainId: number;
  /** Addresses that can pay for their transactions. Anvil itself is given no key at all. */
  readonly accounts?: readonly Hex[];
  readonly log: Logger;
  /** How often new blocks are looked for and saved; 1,000 unless given. What a crash loses is younger than this. */
  readonly saveEveryMs?: number;
}

/** A local chain: a supervised child on the loopback, with its state on disk. */
export interface Anvil {
  readonly url: string;
  /** Saves the state and ends the child. */
  stop(): Promise<void>;
  /** Saves the state now. @throws DomainError STATE_UNWRITABLE, LEDGER_UNAVAILABLE. */
  dumpState(): Promise<void>;
  /** Gives addresses what they need to pay for transactions. */
  fund(accounts: readonly Hex[]): Promise<void>;
  /** Of the child; another one after it was started again. */
  pid(): number | undefined;
}

const START_TIMEOUT_MS = 20_000;
const SAVE_EVERY_MS = 1_000;
/** A child that dies more often than this within the time is not started again. */
const RESTARTS = { most: 5, withinMs: 600_000 };
const FUNDS_WEI = 10n ** 24n;

/**
 * Starts anvil, from the newest whole copy of the state if there is one.
 *
 * @throws DomainError PORT_TAKEN, STATE_UNWRITABLE, FILE_UNREADABLE if every copy of the state is damaged,
 * LEDGER_UNAVAILABLE with anvil's own words in the log.
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const anvil = new SupervisedAnvil(options);
  await anvil.start();
  return anvil;
}

class SupervisedAnvil implements Anvil {
  readonly url: string;
  readonly #options: AnvilOptions;
  readonly #state: AnvilStateFile;
  readonly #saver: AnvilSaver;
  readonly #ledger: Ledger;
  readonly #client: TestClient;
  readonly #restartsAtMs: number[] = [];
  #process: AnvilProcess | undefined;
  #restart: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: AnvilOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.#options = options;
    this.#state = new AnvilStateFile(options.stateFile);
    this.#ledger = openLedger(this.url, options.chainId);
    const { chainId, log, saveEveryMs: everyMs = SAVE_EVERY_MS } = options;
    this.#saver = new AnvilSaver({ url: this.url, chainId, file: this.#state, everyMs, log });
    const transport = http(this.url, { retryCount: 0, timeout: 10_000 });
    this.#client = createTestClient({ mode: 'anvil', transport });
  }

  async start(): Promise<void> {
    await this.#spawn();
    try {
      await this.fund(this.#options.accounts ?? []);
      await this.dumpState();
    } catch (thrown) {
      this.#stopping = true;
      await this.#process?.kill();
      throw thrown;
    }
    this.#saver.begin();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#saver.end();
    await this.#restart;
    try {
      if (this.#process?.isRunning() === true) await this.dumpState();
    } finally {
      await this.#process?.kill();
    }
  }

  dumpState(): Promise<void> {
    return this.#saver.save();
  }

  async fund(accounts: readonly Hex[]): Promise<void> {
    for (const address of accounts) {
      await this.#client.setBalance({ address, value: FUNDS_WEI });
    }
  }

  pid(): number | undefined {
    return this.#process?.pid();
  }

  async #spawn(): Promise<void> {
    const { port, chainId, log } = this.#options;
    await this.#state.prepare();
    await requireFreePort('127.0.0.1', port);
    const { json, damaged } = await this.#state.load();
    for (const file of damaged) {
      log.warn({ file }, 'a copy of the ledger state is damaged and passed over');
    }
    // A new chain over damaged copies would take the place of the one that they may yet be rescued from.
    if (json === undefined && damaged.length > 0) {
      throw new DomainError('FILE_UNREADABLE', { damagedCopies: damaged.length });
    }
    const loadable = json === undefined ? undefined : await this.#state.writeLoadable(json);
    const child = spawnAnvil(parametersOf(port, chainId, loadable));
    try {
      await this.#untilReady(child);
    } catch (thrown) {
      await child.kill();
      log.error({ anvil: child.lastWords() }, 'the ledger did not start');
      throw thrown;
    } finally {
      await this.#state.removeLoadable();
    }
    this.#process = child;
    child.exited.then(() => {
      if (!this.#stopping) this.#restart = this.#onExit(child);
    });
  }

  async #untilReady(child: AnvilProcess): Promise<void> {
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (child.isRunning() && Date.now() < deadlineMs) {
      const chainId = await this.#ledger.client.getChainId().catch(() => undefined);
      if (chainId === this.#options.chainId) return;
      await sleep(20);
    }
    throw new DomainError('LEDGER_UNAVAILABLE', { port: this.#options.port });
  }

  async #onExit(child: AnvilProcess): Promise<void> {
    await child.kill(); // The leash may have died alone and left anvil on the port.
    const nowMs = Date.now();
    this.#restartsAtMs.push(nowMs);
    const recent = this.#restartsAtMs.filter((atMs) => nowMs - atMs < RESTARTS.withinMs);
    const { log } = this.#options;
    if (recent.length > RESTARTS.most) {
      log.error({ anvil: child.lastWords() }, 'the ledger died too often and stays down');
      return;
    }
    log.warn({ anvil: child.lastWords() }, 'the ledger died and is started from its saved state');
    await this.#spawn().catch((fault) => {
      log.error(fault, 'the ledger stays down');
    });
  }
}

function parametersOf(port: number, chainId: number, loadable: string | undefined): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)],
    // No account: nobody on this machine can have anvil sign for an institution.
    ...['--accounts', '0', '--quiet', '--no-cors'],
    // Otherwise old states go to a cache in the user's home, for reads of the past that nobody makes.
    ...['--prune-history', '64', '--transaction-block-keeper', '64'],
    ...(loadable === undefined ? [] : ['--load-state', loadable]),
  ];
}
