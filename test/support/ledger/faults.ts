import type { Hex } from 'viem';
import type { Anvil } from '../../../src/ledger/anvil/anvil.js';

/** What anvil lets a test do to a chain, as a reorganisation, a restored backup or a full pool would. */
export function faultsOf(anvil: Pick<Anvil, 'ask'>) {
  const request = (method: string, ...params: unknown[]) => anvil.ask(method, ...params);
  return {
    /** @returns the id that `revert` takes, once. */
    snapshot: async () => String(await request('evm_snapshot')),
    revert: (id: string) => request('evm_revert', id),
    /** Replaces the newest blocks by empty ones; what was in them is in no pool either. */
    reorg: (blocks: number) => request('anvil_reorg', blocks, []),
    /** Without it, blocks come only by `mine`, and what is sent waits. */
    setAutomine: (on: boolean) => request('evm_setAutomine', on),
    increaseTime: (seconds: number) => request('evm_increaseTime', seconds),
    mine: () => request('evm_mine'),
    /** Hashes of what an account has sent and no block holds. */
    pooledOf: async (address: Hex): Promise<readonly Hex[]> => {
      const { pending } = (await request('txpool_content')) as {
        readonly pending: Readonly<Record<string, Readonly<Record<string, { hash: Hex }>>>>;
      };
      const [, own = {}] =
        Object.entries(pending).find(([of]) => of.toLowerCase() === address.toLowerCase()) ?? [];
      return Object.values(own).map(({ hash }) => hash);
    },
    drop: (hash: Hex) => request('anvil_dropTransaction', hash),
    setBaseFee: (wei: bigint) =>
      request('anvil_setNextBlockBaseFeePerGas', `0x${wei.toString(16)}`),
    setBalance: (address: Hex, wei: bigint) =>
      request('anvil_setBalance', address, `0x${wei.toString(16)}`),
    setCode: (address: Hex, code: Hex) => request('anvil_setCode', address, code),
  };
}

export type Faults = ReturnType<typeof faultsOf>;
