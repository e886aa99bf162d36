import { z } from 'zod';
import type { Bytes32 } from '../../core/bytes32.js';
import { numberAt, signatureHash, textIn, tuplesOf, word, wordAt } from '../gateway/abi-words.js';
import type { Fetch } from '../gateway/exchange.js';
import { jsonRpc, quantity, words } from '../gateway/json-rpc.js';
import type { AnchorReader } from './check.js';

/** @source contracts/IConsentRegister.sol */
const ANCHORED = signatureHash('Anchored(uint32,uint64,uint64,uint256,uint256,bytes32)');
const INSTITUTIONS = signatureHash('institutions(uint32,uint32)').slice(0, 8);

const logs = z.array(z.object({ data: words, blockNumber: quantity }));
const block = z.object({ timestamp: quantity });
/**
 * Reads anchors over any Ethereum JSON-RPC URL with two calls and a log query, so that evidence can
 * be checked in a browser without a ledger library.
 *
 * Every method throws DomainError LEDGER_UNAVAILABLE for any failure of the endpoint.
 */
export function anchorReader(send: Fetch, rpcUrl: string): AnchorReader {
  const call = jsonRpc(send, rpcUrl);

  async function idOfSlot(contract: string, slot: number): Promise<string> {
    const input = `0x${INSTITUTIONS}${word(slot)}${word(1)}`;
    const page = await call('eth_call', [{ to: contract, data: input }, 'latest'], words);
    const [tuple] = tuplesOf(page);
    return tuple === undefined ? '' : textIn(page, tuple, 0);
  }

  return {
    chainId: async () => Number(await call('eth_chainId', [], quantity)),
    anchorAt: async ({ contract, slot, epoch }) => {
      const topics = [`0x${ANCHORED}`, `0x${word(slot)}`, `0x${word(epoch)}`];
      const filter = { address: contract, topics, fromBlock: '0x0', toBlock: 'latest' };
      const [log] = await call('eth_getLogs', [filter], logs);
      if (log === undefined) return undefined;
      const { timestamp } = await call('eth_getBlockByNumber', [log.blockNumber, false], block);
      return {
        institution: await idOfSlot(contract, slot),
        round: numberAt(log.data, 0),
        digest: `0x${wordAt(log.data, 3).toLowerCase()}` as Bytes32,
        blockNumber: Number(log.blockNumber),
        unixSeconds: Number(timestamp),
      };
    },
  };
}
