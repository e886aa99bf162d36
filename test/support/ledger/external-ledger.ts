import { createWalletClient, custom, type Hex } from 'viem';
import type { Anvil } from '../../../src/ledger/anvil/anvil.js';
import { type Ledger, openLedger } from '../../../src/ledger/rpc/connection.js';
import { ledgerAccountOf } from '../../../src/ledger/write/account.js';

/** A ledger that somebody else runs, for the suites to play on: any EVM behind JSON-RPC. */
export const EXTERNAL_URL = process.env.ASSENT_TEST_LEDGER_URL;

/** Enough for a deployment and some dozen anchors, and little enough for a test network's faucet. */
const FUNDS_WEI = 10n ** 17n;
const ATTEMPTS = 5;

/** @returns what describe.runIf takes: whether the ledger is a suite's own. Says it aloud if not. */
export function ownLedger(need: string): boolean {
  if (EXTERNAL_URL === undefined) return true;
  console.warn(`SKIPPED: ${need}; ASSENT_TEST_LEDGER_URL names a ledger that is not ours to harm`);
  return false;
}

export async function chainIdOf(url: string): Promise<number> {
  const { client, close } = openLedger(url, 0);
  try {
    return await client.getChainId();
  } finally {
    close();
  }
}

/** The external ledger, as far as a suite may use it: it can be paid from and asked, not stopped or saved. */
export function externalAnvil(url: string, chainId: number): Anvil {
  const ledger = openLedger(url, chainId);
  const notOurs = () => Promise.reject(new Error('the ledger is not of this suite'));
  return {
    url,
    pid: () => undefined,
    stop: notOurs,
    dumpState: notOurs,
    socketPath: '',
    ask: (method, ...params) => ledger.client.request({ method, params } as never),
    fund: async (accounts) => {
      for (const account of accounts) await pay(ledger, account);
    },
  };
}

async function pay(ledger: Ledger, to: Hex): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const hash = await sendFunds(ledger, to);
      await ledger.client.waitForTransactionReceipt({ hash });
      return;
    } catch (thrown) {
      // Two workers may pay from one account at the same time.
      if (attempt === ATTEMPTS) throw thrown;
    }
  }
}

/** From the key that is given, or from an account that the ledger itself signs for. */
async function sendFunds({ client }: Ledger, to: Hex): Promise<Hex> {
  const key = process.env.ASSENT_TEST_LEDGER_KEY;
  if (key !== undefined) {
    const { chain } = client;
    const wallet = createWalletClient({
      account: ledgerAccountOf(key),
      chain,
      transport: custom(client),
    });
    return wallet.sendTransaction({ to, value: FUNDS_WEI });
  }
  const [from] = await client.request<{
    Method: 'eth_accounts';
    Parameters?: undefined;
    ReturnType: readonly Hex[];
  }>({ method: 'eth_accounts' });
  if (from === undefined) throw new Error('ASSENT_TEST_LEDGER_KEY is needed: nobody pays here');
  const wallet = createWalletClient({
    account: from,
    chain: client.chain,
    transport: custom(client),
  });
  return wallet.sendTransaction({ to, value: FUNDS_WEI });
}
