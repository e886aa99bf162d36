import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/cli/ports.js';
import { createLogger } from '../../src/core/log.js';
import {
  generateLedgerKey,
  type LedgerAccount,
  ledgerAccountOf,
} from '../../src/ledger/account.js';
import { type Anvil, type AnvilOptions, startAnvil } from '../../src/ledger/anvil.js';
import type { Register } from '../../src/ledger/connection.js';
import { deployRegister } from '../../src/ledger/deploy.js';
import { admitInstitution } from '../../src/ledger/register-client.js';

export const CHAIN_ID = 31_999;
export const silentLog = createLogger({ level: 'silent', name: 'test' });

/** A real chain in a folder of its own. */
export interface TestChain {
  readonly anvil: Anvil;
  readonly folder: string;
  readonly stateFile: string;
  readonly port: number;
  end(): Promise<void>;
}

export async function startChain(options: Partial<AnvilOptions> = {}): Promise<TestChain> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-ledger-'));
  const stateFile = join(folder, 'state.json.gz');
  const port = await findFreePort();
  const anvil = await startAnvil({
    ...{ stateFile, port, chainId: CHAIN_ID, log: silentLog },
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
  readonly governor: LedgerAccount;
  /** By slot. */
  readonly accounts: readonly LedgerAccount[];
}

/** A register of its own on a running chain: so each test begins with an empty one. */
export async function deployNetwork(
  anvil: Anvil,
  size: number,
  acknowledgementQuorum = 0,
): Promise<SmallNetwork> {
  const governor = newAccount();
  const accounts = Array.from({ length: size }, newAccount);
  await anvil.fund([governor, ...accounts].map(({ address }) => address));
  const register = await deployRegister({
    ...{ rpcUrl: anvil.url, chainId: CHAIN_ID, account: governor, governor: governor.address },
    ...{ networkName: 'pilot', acknowledgementQuorum },
  });
  for (const [slot, { address }] of accounts.entries()) {
    await admitInstitution(register, governor, admissionOf(slot, address));
  }
  return { register, governor, accounts };
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
    issuerLeaf: leafOf(slot),
  };
}

export function leafOf(slot: number): bigint {
  return 1_000n + BigInt(slot);
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
