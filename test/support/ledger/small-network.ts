import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { createLogger } from '../../../src/core/log.js';
import { type Anvil, type AnvilOptions, startAnvil } from '../../../src/ledger/anvil/anvil.js';
import type { Decision } from '../../../src/ledger/governance/decision.js';
import { admitByFounder } from '../../../src/ledger/governance/register-client.js';
import { decideTogether } from '../../../src/ledger/governance/votes.js';
import type { RootOf } from '../../../src/ledger/quorum/view.js';
import { INITIAL_PARAMETERS, type NetworkParameters } from '../../../src/ledger/read/parameters.js';
import type { Register } from '../../../src/ledger/rpc/connection.js';
import {
  generateLedgerKey,
  type LedgerAccount,
  ledgerAccountOf,
} from '../../../src/ledger/write/account.js';
import { deployRegister } from '../../../src/ledger/write/deploy.js';
import { NetworkRoot } from '../../../src/zk/network-root.js';
import { chainIdOf, EXTERNAL_URL, externalAnvil } from './external-ledger.js';
import { issuerOf } from './issuers.js';

export const CHAIN_ID = EXTERNAL_URL === undefined ? 31_999 : await chainIdOf(EXTERNAL_URL);
const networkRoot = new NetworkRoot();
/** For a watch, as the command line hands it over. */
export const rootOf: RootOf = (slots) => networkRoot.of(slots);
export const silentLog = createLogger({ level: 'silent', name: 'test' });

/** A real chain in a folder of its own, or the one that ASSENT_TEST_LEDGER_URL names. */
export interface TestChain {
  readonly anvil: Anvil;
  readonly folder: string;
  readonly stateFile: string;
  readonly port: number;
  end(): Promise<void>;
}

export async function startChain(options: Partial<AnvilOptions> = {}): Promise<TestChain> {
  if (EXTERNAL_URL !== undefined) {
    const anvil = externalAnvil(EXTERNAL_URL, CHAIN_ID);
    return { anvil, folder: '', stateFile: '', port: 0, end: async () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), 'assent-ledger-'));
  const stateFile = join(folder, 'state.json.gz');
  const port = await findFreePort();
  const anvil = await startAnvil({
    stateFile,
    port,
    chainId: CHAIN_ID,
    log: silentLog,
    ...options,
  });
  const end = async () => {
    await anvil.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { anvil, folder, stateFile, port, end };
}

export interface SmallNetwork {
  readonly register: Register;
  readonly founder: LedgerAccount;
  /** By slot. */
  readonly accounts: readonly LedgerAccount[];
}

/**
 * A register of its own on a running chain: so each test begins with an empty one.
 *
 * Unless the threshold is given, the founder admits one institution, which votes on the second, and so on.
 */
export async function deployNetwork(
  anvil: Anvil,
  size: number,
  acknowledgementQuorum = 0,
  changed: Partial<NetworkParameters> = {},
  endpointDelaySeconds = 0,
): Promise<SmallNetwork> {
  const founder = newAccount();
  const accounts = Array.from({ length: size }, newAccount);
  await anvil.fund([founder, ...accounts].map(({ address }) => address));
  const parameters = parametersOf({ acknowledgementQuorum, ...changed });
  const register = await deployRegister({
    rpcUrl: anvil.url,
    chainId: CHAIN_ID,
    account: founder,
    founder: founder.address,
    networkName: 'pilot',
    parameters,
    endpointDelaySeconds,
  });
  for (const [slot, { address }] of accounts.entries()) {
    const admission = admissionOf(slot, address);
    if (slot < parameters.voteThreshold) await admitByFounder(register, founder, admission);
    else await decideTogether(register, accounts.slice(0, slot), { kind: 'ADMIT', ...admission });
  }
  return { register, founder, accounts };
}

export function parametersOf(changed: Partial<NetworkParameters> = {}): NetworkParameters {
  return { ...INITIAL_PARAMETERS, voteThreshold: 1, acknowledgementQuorum: 0, ...changed };
}

/** Has the institutions vote in the order of their slots until it is decided. */
export function decide(network: SmallNetwork, decision: Decision): Promise<number> {
  return decideTogether(network.register, network.accounts, decision);
}

export function admissionOf(slot: number, account: `0x${string}`) {
  const id = `institution-${slot}`;
  const endpoint = `http://127.0.0.1/${slot}`;
  return {
    id,
    name: id,
    endpoint,
    account,
    roles: ['HOSPITAL'] as const,
    issuer: issuerOf(slot),
  };
}

const keys = new WeakMap<LedgerAccount, `0x${string}`>();

export function newAccount(): LedgerAccount {
  const key = generateLedgerKey();
  const account = ledgerAccountOf(key);
  keys.set(account, key);
  return account;
}

/** The private key of an account made here: what a node is started with. */
export function keyOf(account: LedgerAccount): `0x${string}` {
  const key = keys.get(account);
  if (key === undefined) throw new RangeError('an account made elsewhere');
  return key;
}

export function newDigest(): `0x${string}` {
  return `0x${randomBytes(32).toString('hex')}`;
}

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}
