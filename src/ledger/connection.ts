import {
  type Chain,
  createPublicClient,
  custom,
  defineChain,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  type Transport,
} from 'viem';
import { DomainError } from '../core/errors.js';
import { refusalOf } from './refusal.js';
import { SocketLine } from './socket-line.js';

/** What says that a chain and a contract are the ones meant. Recorded when the network begins. */
export interface LedgerPins {
  readonly chainId: number;
  /** Hash of block 0. */
  readonly genesisHash: Hex;
  /** keccak256 of the register's code. */
  readonly codeHash: Hex;
}

/** A chain by its JSON-RPC URL. Opening one sends nothing. */
export interface Ledger {
  readonly chainId: number;
  readonly client: PublicClient<Transport, Chain>;
  /** Ends what is open to it. The next request opens it again. */
  close(): void;
}

/** The register's contract on a chain, with what must be true of both before anything is believed or written. */
export interface Register {
  readonly ledger: Ledger;
  readonly contract: Hex;
  readonly pins: LedgerPins;
}

const RPC_TIMEOUT_MS = 5_000;

/** @param rpcUrl - of one Ethereum JSON-RPC endpoint: http, https, ws or wss. */
export function openLedger(rpcUrl: string, chainId: number): Ledger {
  const chain = defineChain({
    id: chainId,
    name: 'assent',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const { transport, close } = transportOf(rpcUrl);
  const client = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
  return { chainId, client, close };
}

function transportOf(rpcUrl: string): {
  readonly transport: Transport;
  readonly close: () => void;
} {
  if (rpcUrl.startsWith('http')) {
    const transport = http(rpcUrl, { batch: true, timeout: RPC_TIMEOUT_MS, retryCount: 0 });
    return { transport, close: () => {} };
  }
  const line = new SocketLine(rpcUrl);
  const provider = {
    request: ({ method, params }: { readonly method: string; readonly params?: unknown }) =>
      line.request(method, params),
  };
  return { transport: custom(provider, { retryCount: 0 }), close: () => line.close() };
}

export function openRegister(rpcUrl: string, contract: Hex, pins: LedgerPins): Register {
  return { ledger: openLedger(rpcUrl, pins.chainId), contract, pins };
}

/** What to pin of the contract that stands at an address now. @throws DomainError LEDGER_MISMATCH without code. */
export async function readPins(ledger: Ledger, contract: Hex): Promise<LedgerPins> {
  try {
    const [chainId, genesis, code] = await Promise.all([
      ledger.client.getChainId(),
      ledger.client.getBlock({ blockNumber: 0n }),
      ledger.client.getCode({ address: contract }),
    ]);
    // A call to an address without code succeeds and changes nothing: it must never be taken for a write.
    if (code === undefined) throw new DomainError('LEDGER_MISMATCH', { pin: 'code' });
    return { chainId, genesisHash: genesis.hash, codeHash: keccak256(code) };
  } catch (thrown) {
    throw refusalOf(thrown, 'readPins');
  }
}

/** @throws DomainError LEDGER_MISMATCH naming the pin that differs; LEDGER_UNAVAILABLE. */
export async function requirePinned({ ledger, contract, pins }: Register): Promise<void> {
  const found = await readPins(ledger, contract);
  for (const pin of ['chainId', 'genesisHash', 'codeHash'] as const) {
    if (found[pin] !== pins[pin]) throw new DomainError('LEDGER_MISMATCH', { pin });
  }
}
