import type { Config } from '../core/config.js';
import { DomainError } from '../core/errors.js';
import {
  type LedgerPins,
  openLedger,
  openRegister,
  type Register,
  readPins,
} from '../ledger/connection.js';
import type { StateFolder } from './state-folder.js';

const FILE = 'ledger/pins.json';

/** The register that the settings name, and the URL it is reached at. */
export interface NamedRegister {
  readonly rpcUrl: string;
  readonly register: Register;
}

/**
 * Opens the register that the settings name. What is not set is pinned at the first contact and
 * kept: later contacts with another chain or contract are refused.
 *
 * @throws DomainError CONFIGURATION_INVALID without a ledger; LEDGER_UNAVAILABLE, LEDGER_MISMATCH.
 */
export async function openNamedRegister(
  config: Config,
  folder: StateFolder,
): Promise<NamedRegister> {
  const { ledgerRpcUrl: rpcUrl, ledgerContract, ledgerChainId: chainId } = config;
  if (rpcUrl === undefined || ledgerContract === undefined || chainId === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { ledgerRpcUrl: 'needed' });
  }
  const contract = ledgerContract as `0x${string}`;
  const pins = pinsOf(config, chainId) ?? (await pinOnce(folder, { rpcUrl, contract, chainId }));
  return { rpcUrl, register: openRegister(rpcUrl, contract, pins) };
}

function pinsOf(config: Config, chainId: number): LedgerPins | undefined {
  const { ledgerGenesisHash: genesisHash, ledgerCodeHash: codeHash } = config;
  if (genesisHash === undefined || codeHash === undefined) return undefined;
  return {
    chainId,
    genesisHash: genesisHash as `0x${string}`,
    codeHash: codeHash as `0x${string}`,
  };
}

async function pinOnce(
  folder: StateFolder,
  named: { readonly rpcUrl: string; readonly contract: `0x${string}`; readonly chainId: number },
): Promise<LedgerPins> {
  const kept = await folder.readJson<LedgerPins & { contract: string }>(FILE);
  if (kept !== undefined && kept.contract === named.contract) return kept;
  const pins = await readPins(openLedger(named.rpcUrl, named.chainId), named.contract);
  if (pins.chainId !== named.chainId) throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  await folder.writeJson(FILE, { ...pins, contract: named.contract });
  return pins;
}
