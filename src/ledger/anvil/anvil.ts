import { setTimeout as sleep } from 'node:timers/promises';
import { type Hex, numberToHex } from 'viem';
import { DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { type AnvilProcess, spawnAnvil } from './anvil-process.js';
import { AnvilSaver } from './anvil-saver.js';
import { AnvilStateFile } from './anvil-state.js';
import { type Guard, startGuard } from './guard/guard.js';
import { OwnersWay } from './guard/owner.js';

export interface AnvilOptions {
  /** Where the chain's state is kept; a second file next to it keeps the previous state. */
  readonly stateFile: string;
  readonly port: number;
  readonly chainId: number;
  /** Addresses that can pay for their transactions. Anvil itself is given no key at all. */
  readonly accounts?: readonly Hex[];
  readonly log: Logger;
  /**
   * How often new blocks are looked for and saved; 1,000 by default. A crash loses at most this
   * much.
   */
  readonly saveEveryMs?: number;
}

/** A local chain: a supervised child behind a guarded port of the loopback, with its state on disk. */
export interface Anvil {
  /** URL of the guarded port: any program on this machine may use it, no web page can. */
  readonly url: string;
  /** The child's own socket, in a folder that only this user can enter. */
  readonly socketPath: string;
  /**
   * Calls any method, bypassing the guard. @throws RpcRequestError if the chain refuses; Error if
   * it is not there.
   */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** Saves the state and ends the child. */
  stop(): Promise<void>;
  /** Saves the state now. @throws DomainError STATE_UNWRITABLE, LEDGER_UNAVAILABLE. */
  dumpState(): Promise<void>;
  /** Gives addresses what they need to pay for transactions. */
  fund(accounts: readonly Hex[]): Promise<void>;
  /** The child's process id; it changes when the child is restarted. */
  pid(): number | undefined;
}

const START_TIMEOUT_MS = 20_000;
const SAVE_EVERY_MS = 1_000;
/** A child that dies more often than this within the time is not restarted. */
const RESTARTS = { most: 5, withinMs: 600_000 };
const FUNDS_WEI = 10n ** 24n;

/**
 * Where anvil's own port is: anvil always opens one, and does not check the Origin of what comes
 * there. Linux lets a socket listen at a multicast address and answers no connection to one (RFC
 * 1122, 4.2.3.10). Other systems refuse such a socket: there it is a port that the system chooses.
 */
const UNREACHABLE_HOST = process.platform === 'linux' ? '224.0.0.1' : '127.0.0.1';

/**
 * Starts anvil, from the newest undamaged copy of the state if there is one.
 *
 * @throws DomainError PORT_TAKEN, STATE_UNWRITABLE, FILE_UNREADABLE if every copy of the state is
 * damaged, LEDGER_UNAVAILABLE with anvil's own error output in the log.
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const anvil = new SupervisedAnvil(options, await OwnersWay.make());
  await anvil.start();
  return anvil;
}

class SupervisedAnvil implements Anvil {
  readonly url: string;
  readonly #options: AnvilOptions;
  readonly #state: AnvilStateFile;
  readonly #way: OwnersWay;
  readonly #saver: AnvilSaver;
  readonly #restartsAtMs: number[] = [];
  #guard: Guard | undefined;
  #process: AnvilProcess | undefined;
  #restart: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: AnvilOptions, way: OwnersWay) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.#options = options;
    this.#way = way;
    this.#state = new AnvilStateFile(options.stateFile);
    const { log, saveEveryMs: everyMs = SAVE_EVERY_MS } = options;
    this.#saver = new AnvilSaver({ way, file: this.#state, everyMs, log });
  }

  get socketPath(): string {
    return this.#way.socketPath;
  }

  async start(): Promise<void> {
    try {
      const { port } = this.#options;
      this.#guard = await startGuard({ port, socketPath: this.socketPath });
      await this.#spawn();
      await this.fund(this.#options.accounts ?? []);
      await this.dumpState();
    } catch (thrown) {
      this.#stopping = true;
      await this.#end();
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
      await this.#end();
    }
  }

  ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.#way.ask(method, params);
  }

  dumpState(): Promise<void> {
    return this.#saver.save();
  }

  async fund(accounts: readonly Hex[]): Promise<void> {
    for (const address of accounts) {
      await this.ask('anvil_setBalance', address, numberToHex(FUNDS_WEI));
    }
  }

  pid(): number | undefined {
    return this.#process?.pid();
  }

  async #end(): Promise<void> {
    await this.#process?.kill();
    await this.#guard?.close();
    await this.#way.remove();
  }

  async #spawn(): Promise<void> {
    const { chainId, log } = this.#options;
    await this.#state.prepare();
    await this.#way.clear();
    const { json, damaged } = await this.#state.load();
    for (const file of damaged) {
      log.warn({ file }, 'a damaged copy of the ledger state is skipped');
    }
    // Starting a new chain would overwrite damaged copies that may still be rescued.
    if (json === undefined && damaged.length > 0) {
      throw new DomainError('FILE_UNREADABLE', { damagedCopies: damaged.length });
    }
    const loadable = json === undefined ? undefined : await this.#state.writeLoadable(json);
    const child = spawnAnvil(parametersOf(this.socketPath, chainId, loadable), this.socketPath);
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
      const chainId = await this.ask('eth_chainId').catch(() => undefined);
      if (chainId === numberToHex(this.#options.chainId)) return;
      await sleep(20);
    }
    throw new DomainError('LEDGER_UNAVAILABLE', { port: this.#options.port });
  }

  async #onExit(child: AnvilProcess): Promise<void> {
    // The leash may have died alone and left anvil listening where the next one must.
    await child.kill();
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

function parametersOf(socketPath: string, chainId: number, loadable: string | undefined): string[] {
  return [
    ...['--ipc', socketPath, '--host', UNREACHABLE_HOST, '--port', '0'],
    ...['--chain-id', String(chainId)],
    // No accounts: nobody on this machine can make anvil sign for an institution.
    ...['--accounts', '0', '--quiet', '--no-cors'],
    // Otherwise old states go to a cache in the user's home, for reads of the past that nobody makes.
    ...['--prune-history', '64', '--transaction-block-keeper', '64'],
    ...(loadable === undefined ? [] : ['--load-state', loadable]),
  ];
}
