import {
  type Chain,
  createClient,
  createPublicClient,
  custom,
  defineChain,
  type Hex,
  http,
  type PublicClient,
  type Transport,
} from 'viem';
import { DomainError } from '../../core/errors.js';
import { toLedgerError } from '../contract/refusal.js';
import { fetchBounded } from './bounded-fetch.js';
import { hashOfCode } from './code-hash.js';
import { linkedCodeHashOf } from './linked-code.js';
import { SocketLine } from './socket-line.js';

/** Identifies the chain and the contract of a network. Recorded when the network is founded. */
export interface LedgerPins {
  readonly chainId: number;
  /** Hash of block 0. */
  readonly genesisHash: Hex;
  /** keccak256 of the register's code. */
  readonly codeHash: Hex;
  /** Hash of all code that it is linked to: see linked-code.ts. */
  readonly linkedCodeHash: Hex;
}

const PINS = ['chainId', 'genesisHash', 'codeHash', 'linkedCodeHash'] as const;

/** A chain by its JSON-RPC URL. Opening one sends nothing. */
export interface Ledger {
  readonly chainId: number;
  readonly client: PublicClient<Transport, Chain>;
  /** Closes open connections. The next request opens one again. */
  close(): void;
}

/** The register's contract on a chain, with what must be true of both before anything is believed or written. */
export interface Register {
  readonly ledger: Ledger;
  readonly contract: Hex;
  readonly pins: LedgerPins;
}

const RPC_TIMEOUT_MS = 5_000;

/**
 * @param rpcUrl - of one Ethereum JSON-RPC endpoint: http, https, ws or wss. Several are asked in
 * turn until one answers, and a signed transaction is sent to all of them, so that one that drops
 * it does no harm. What no single endpoint may decide is read by quorum/reader.ts.
 */
export function openLedger(rpcUrl: string | readonly string[], chainId: number): Ledger {
  const rpcUrls = typeof rpcUrl === 'string' ? [rpcUrl] : rpcUrl;
  const chain = defineChain({
    id: chainId,
    name: 'assent',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: rpcUrls } },
  });
  const { transport, close } = transportOfAll(rpcUrls.map(transportOf));
  const client = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
  return { chainId, client, close };
}

interface Line {
  readonly transport: Transport;
  readonly close: () => void;
}

function transportOfAll(lines: readonly Line[]): Line {
  const [only] = lines;
  if (only !== undefined && lines.length === 1) return only;
  const clients = lines.map(({ transport }) => createClient({ transport }));
  const provider = {
    request: (call: { readonly method: string; readonly params?: unknown }) => {
      const asked = clients.map(
        (client) => () => client.request(call as never) as Promise<unknown>,
      );
      return call.method === 'eth_sendRawTransaction' ? firstOfAll(asked) : firstInTurn(asked);
    },
  };
  const close = () => {
    for (const line of lines) line.close();
  };
  return { transport: custom(provider, { retryCount: 0 }), close };
}

type Ask = () => Promise<unknown>;

/** @throws what the first threw, if none answers well. */
async function firstInTurn([first, ...others]: readonly Ask[]): Promise<unknown> {
  if (first === undefined) throw new DomainError('LEDGER_UNAVAILABLE');
  try {
    return await first();
  } catch (thrown) {
    for (const ask of others) {
      const [answer] = await Promise.allSettled([ask()]);
      if (answer?.status === 'fulfilled') return answer.value;
    }
    throw thrown;
  }
}

/** @throws as `firstInTurn`. */
async function firstOfAll(asks: readonly Ask[]): Promise<unknown> {
  try {
    return await Promise.any(asks.map((ask) => ask()));
  } catch (thrown) {
    throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  }
}

function transportOf(rpcUrl: string): Line {
  if (rpcUrl.startsWith('http')) {
    const transport = http(rpcUrl, {
      batch: true,
      timeout: RPC_TIMEOUT_MS,
      retryCount: 0,
      fetchFn: fetchBounded,
    });
    return { transport, close: () => {} };
  }
  const line = new SocketLine(rpcUrl);
  const provider = {
    request: ({ method, params }: { readonly method: string; readonly params?: unknown }) =>
      line.request(method, params),
  };
  return { transport: custom(provider, { retryCount: 0 }), close: () => line.close() };
}

/** @param rpcUrl - as `openLedger` takes it. */
export function openRegister(
  rpcUrl: string | readonly string[],
  contract: Hex,
  pins: LedgerPins,
): Register {
  return { ledger: openLedger(rpcUrl, pins.chainId), contract, pins };
}

/**
 * The pins of the contract that is at an address now. @throws DomainError LEDGER_MISMATCH without
 * code.
 */
export async function readPins(ledger: Ledger, contract: Hex): Promise<LedgerPins> {
  try {
    const [chainId, genesis, code] = await Promise.all([
      ledger.client.getChainId(),
      ledger.client.getBlock({ blockNumber: 0n }),
      ledger.client.getCode({ address: contract }),
    ]);
    // A call to an address without code succeeds and changes nothing: it must never be mistaken for
    // a write.
    if (code === undefined) throw new DomainError('LEDGER_MISMATCH', { pin: 'code' });
    const linkedCodeHash = await linkedCodeHashOf(ledger.client, code);
    return { chainId, genesisHash: genesis.hash, codeHash: hashOfCode(code), linkedCodeHash };
  } catch (thrown) {
    throw toLedgerError(thrown, 'readPins');
  }
}

/** @throws DomainError LEDGER_MISMATCH naming the pin that differs; LEDGER_UNAVAILABLE. */
export async function requirePinned({ ledger, contract, pins }: Register): Promise<void> {
  const found = await readPins(ledger, contract);
  for (const pin of PINS) {
    if (found[pin] !== pins[pin]) throw new DomainError('LEDGER_MISMATCH', { pin });
  }
}
