import { DomainError } from '../../core/errors.js';
import type { Config } from '../../core/settings/config.js';
import { agreeOn, majorityOf } from '../../ledger/quorum/agreement.js';
import {
  type LedgerPins,
  openLedger,
  openRegister,
  type Register,
  readPins,
} from '../../ledger/rpc/connection.js';
import type { StateFolder } from './state-folder.js';

const FILE = 'ledger/pins.json';

type Hash = `0x${string}`;

/** The register in the settings, and the URLs at which it is reached. */
export interface NamedRegister {
  readonly rpcUrls: readonly string[];
  readonly register: Register;
}

interface Named {
  readonly rpcUrls: readonly string[];
  readonly contract: `0x${string}`;
  readonly chainId: number;
  readonly quorum: number;
}

/**
 * Opens the register in the settings. What is not set is pinned at the first contact and stored;
 * another chain or contract is refused later.
 *
 * @throws DomainError CONFIGURATION_INVALID without a ledger; LEDGER_UNAVAILABLE, LEDGER_MISMATCH.
 */
export async function openNamedRegister(
  config: Config,
  folder: StateFolder,
): Promise<NamedRegister> {
  const { ledgerRpcUrls, ledgerContract, ledgerChainId: chainId } = config;
  if (ledgerRpcUrls === undefined || ledgerContract === undefined || chainId === undefined) {
    throw new DomainError('CONFIGURATION_INVALID', { ledgerRpcUrls: 'needed' });
  }
  const rpcUrls = ledgerRpcUrls.split(',');
  const contract = ledgerContract as `0x${string}`;
  const quorum = quorumOf(config, rpcUrls);
  const given = pinsOf(config, chainId);
  const pins = isWhole(given)
    ? given
    : { ...(await pinOnce(folder, { rpcUrls, contract, chainId, quorum })), ...given };
  return { rpcUrls, register: openRegister(rpcUrls, contract, pins) };
}

/** How many endpoints must agree. */
export function quorumOf({ ledgerQuorum }: Config, rpcUrls: readonly string[]): number {
  return ledgerQuorum ?? majorityOf(rpcUrls.length);
}

function pinsOf(config: Config, chainId: number): Partial<LedgerPins> {
  const { ledgerGenesisHash, ledgerCodeHash, ledgerLinkedCodeHash } = config;
  return {
    chainId,
    ...(ledgerGenesisHash && { genesisHash: ledgerGenesisHash as Hash }),
    ...(ledgerCodeHash && { codeHash: ledgerCodeHash as Hash }),
    ...(ledgerLinkedCodeHash && { linkedCodeHash: ledgerLinkedCodeHash as Hash }),
  };
}

function isWhole(pins: Partial<LedgerPins>): pins is LedgerPins {
  return Object.keys(pins).length === 4;
}

async function pinOnce(folder: StateFolder, named: Named): Promise<LedgerPins> {
  const kept = await folder.readJson<LedgerPins & { contract: string }>(FILE);
  if (kept !== undefined && kept.contract === named.contract) return kept;
  const { rpcUrls, chainId, contract, quorum } = named;
  const asked = rpcUrls.map((rpcUrl) => readPins(openLedger(rpcUrl, chainId), contract));
  const { value: pins } = agreeOn(await Promise.allSettled(asked), quorum, (found) =>
    JSON.stringify(found),
  );
  if (pins.chainId !== chainId) throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  await folder.writeJson(FILE, { ...pins, contract });
  return pins;
}
