import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestClient, type Hex, hexToBytes, http, type TestClient } from 'viem';
import { DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { type AnvilProcess, spawnAnvil } from './anvil-process.js';
import { AnvilStateFile } from './anvil-state.js';
import { type Ledger, openLedger } from './connection.js';

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
 * @throws DomainError PORT_TAKEN, STATE_UNWRITABLE, LEDGER_UNAVAILABLE with anvil's own words in the log.
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
  readonly #ledger: Ledger;
  readonly #client: TestClient;
  readonly #restartsAtMs: number[] = [];
  #process: AnvilProcess | undefined;
  #savedBlock: bigint | undefined;
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: AnvilOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.#options = options;
    this.#state = new AnvilStateFile(options.stateFile);
    this.#ledger = openLedger(this.url, options.chainId);
    const transport = http(this.url, { retryCount: 0, timeout: 10_000 });
    this.#client = createTestClient({ mode: 'anvil', transport });
  }

  async start(): Promise<void> {
    await this.#spawn();
    await this.fund(this.#options.accounts ?? []);
    await this.dumpState();
    this.#timer = setInterval(() => {
      this.#saveIfNew().catch((fault) => {
        this.#options.log.error(fault, 'the state of the ledger could not be saved');
      });
    }, this.#options.saveEveryMs ?? SAVE_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    try {
      if (this.#process?.isRunning() === true) await this.dumpState();
    } finally {
      await this.#process?.kill();
    }
  }

  dumpState(): Promise<void> {
    // One after the other: two at once would write the same file.
    const save = this.#saving.then(() => this.#save());
    this.#saving = save.catch(() => {});
    return save;
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
    await requirePortFree(port);
    const { json, damaged } = await this.#state.load();
    for (const file of damaged) {
      log.warn({ file }, 'a copy of the ledger state is damaged; the copy before it is used');
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
    child.exited.then(() => this.#onExit(child));
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
    if (this.#stopping) return;
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

  async #saveIfNew(): Promise<void> {
    if (this.#process?.isRunning() !== true) return;
    const block = await this.#ledger.client.getBlockNumber().catch(() => undefined);
    if (block !== undefined && block !== this.#savedBlock) await this.dumpState();
  }

  async #save(): Promise<void> {
    const { block, dump } = await this.#dump();
    await this.#state.save(dump);
    this.#savedBlock = block;
  }

  async #dump(): Promise<{ readonly block: bigint; readonly dump: Uint8Array }> {
    try {
      // The number is read first: a block that comes in between is saved now and again at the next turn.
      const block = await this.#ledger.client.getBlockNumber();
      return { block, dump: hexToBytes(await this.#client.dumpState()) };
    } catch {
      throw new DomainError('LEDGER_UNAVAILABLE', { port: this.#options.port });
    }
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

/** @throws DomainError PORT_TAKEN: otherwise another program's answers would be taken for anvil's. */
function requirePortFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new DomainError('PORT_TAKEN', { port })));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
