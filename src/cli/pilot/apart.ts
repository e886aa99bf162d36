import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { childEnvironment } from '../../core/settings/child-environment.js';
import type { Config, ConfigFlags } from '../../core/settings/config.js';
import { endWithThisProcess } from '../process/child.js';
import type { StateFolder } from '../state/state-folder.js';
import type { PilotLedger } from './ledger.js';
import { apartFolder } from './membership.js';

/** A node in a separate process with its own database. */
export interface ApartNode {
  readonly institution: InstitutionId;
  /** Its process id, which changes with a restart. */
  pid(): number | undefined;
  /** Kills it at once, as a crash would (SIGKILL). Settles when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again after it ended. Settles when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ApartOptions {
  readonly folder: StateFolder;
  readonly config: Config;
  readonly ledger: PilotLedger;
  readonly institution: InstitutionId;
  readonly port: number;
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** A start needs two seconds of processor time, but the machine may be busy. */
const START_MS = 120_000;
const STOP_MS = 10_000;

/**
 * Starts `assent node` for one institution.
 *
 * @param onLaunched - called while the process starts, for example to admit the institution on the
 *   ledger.
 * @throws DomainError SOURCE_FAILED if it does not answer.
 */
export async function startApart(
  options: ApartOptions,
  onLaunched: () => Promise<void> = async () => undefined,
): Promise<ApartNode> {
  let child = await launch(options, onLaunched);
  const end = async (signal: NodeJS.Signals) => {
    const gone = exited(child);
    child.kill(signal);
    await gone;
  };
  return {
    institution: options.institution,
    pid: () => child.pid,
    kill: () => end('SIGKILL'),
    restart: async () => {
      child = await launch(options, async () => undefined);
    },
    stop: async () => {
      const late = delay(STOP_MS, 'late' as const, { ref: false });
      if ((await Promise.race([end('SIGTERM'), late])) === 'late') await end('SIGKILL');
    },
  };
}

async function launch(
  options: ApartOptions,
  onLaunched: () => Promise<void>,
): Promise<ChildProcess> {
  const { config, port, institution } = options;
  const child = spawn(process.execPath, [MAIN, 'node', '--institution', institution], {
    // Nothing is sent over the channel: it only makes the node end with this process.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: childEnvironment(settingsOf(options)),
  });
  endWithThisProcess(child);
  await onLaunched();
  const answered = answers(`http://${config.nodeHost}:${port}/health`);
  const first = await Promise.race([answered, exited(child).then(() => false)]);
  if (first) return child;
  child.kill('SIGKILL');
  throw new DomainError('SOURCE_FAILED', { institution, part: 'node' });
}

/** The settings of the child, as an institution with its own node would set them. */
function settingsOf({ folder, config, ledger, institution, port }: ApartOptions): ConfigFlags {
  const { pins, contract } = ledger.register;
  const { nodeHost, cadenceSeconds, feedPollSeconds, tokenMaxSeconds, logLevel } = config;
  return {
    nodeHost,
    cadenceSeconds,
    feedPollSeconds,
    tokenMaxSeconds,
    logLevel,
    stateFolder: apartFolder(folder, institution),
    nodePort: port,
    drainMilliseconds: 0,
    ledgerRpcUrls: ledger.rpcUrls.join(','),
    ledgerContract: contract,
    ledgerChainId: pins.chainId,
    ledgerGenesisHash: pins.genesisHash,
    ledgerCodeHash: pins.codeHash,
    ledgerLinkedCodeHash: pins.linkedCodeHash,
  };
}

async function answers(healthUrl: string): Promise<boolean> {
  const untilMs = Date.now() + START_MS;
  while (Date.now() < untilMs) {
    const answer = await fetch(healthUrl).catch(() => undefined);
    if (answer?.ok) return true;
    await delay(100);
  }
  return false;
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
