import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import type { Bytes32 } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import { exchangeJson, type Fetch } from '../exchange.js';
import type { AnchorReader } from './check.js';

const LIMITS = { timeoutMs: 10_000, maxBytes: 1024 * 1024 };
const WORD_DIGITS = 64;

/** @source contracts/IConsentRegister.sol */
const ANCHORED = signatureHash('Anchored(uint32,uint64,uint64,uint256,uint256,bytes32)');
const INSTITUTIONS = signatureHash('institutions(uint32,uint32)').slice(0, 8);

const quantity = z.string().regex(/^0x[0-9a-f]+$/i);
const words = z.string().regex(/^0x([0-9a-f]{64})*$/i);
const logs = z.array(z.object({ data: words, blockNumber: quantity }));
const block = z.object({ timestamp: quantity });
const rpcAnswer = z.union([
  z.object({ result: z.unknown() }).refine((answer) => answer.result !== undefined),
  z.object({ error: z.unknown() }),
]);

/**
 * Reads anchors over any Ethereum JSON-RPC URL: two calls and a log query, by hand, so that whoever
 * checks evidence in a browser needs no ledger library.
 *
 * Every method throws DomainError LEDGER_UNAVAILABLE for what the endpoint does.
 */
export function anchorReader(send: Fetch, rpcUrl: string): AnchorReader {
  async function call<T>(method: string, params: unknown[], shape: z.ZodType<T>): Promise<T> {
    try {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const { json } = await exchangeJson(send, rpcUrl, { method: 'POST', headers, body }, LIMITS);
      const answer = rpcAnswer.parse(json);
      if (!('result' in answer)) throw new Error(`${method} was answered with an error`);
      return shape.parse(answer.result);
    } catch (cause) {
      throw new DomainError('LEDGER_UNAVAILABLE', { method }, cause);
    }
  }

  async function idOfSlot(contract: string, slot: number): Promise<string> {
    const input = `0x${INSTITUTIONS}${word(slot)}${word(1)}`;
    return firstId(await call('eth_call', [{ to: contract, data: input }, 'latest'], words));
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
        round: Number(`0x0${wordAt(log.data, 0)}`),
        digest: `0x${wordAt(log.data, 3).toLowerCase()}` as Bytes32,
        blockNumber: Number(log.blockNumber),
        unixSeconds: Number(timestamp),
      };
    },
  };
}

/** The `id`, a text and the first member, of the first of an ABI-encoded list of institutions. */
function firstId(encoded: string): string {
  const offsetOf = (at: number): number => Number(`0x0${wordAt(encoded, at)}`) / 32;
  const list = offsetOf(0);
  if (offsetOf(list) * 32 === 0) return '';
  const tuple = list + 1 + offsetOf(list + 1);
  const text = tuple + offsetOf(tuple);
  const bytes = Number(`0x0${wordAt(encoded, text)}`);
  const from = 2 + (text + 1) * WORD_DIGITS;
  const digits = encoded.slice(from, from + 2 * bytes);
  return new TextDecoder().decode(hexToBytes(digits));
}

function wordAt(encoded: string, at: number): string {
  return encoded.slice(2 + at * WORD_DIGITS, 2 + (at + 1) * WORD_DIGITS);
}

function word(value: number): string {
  return value.toString(16).padStart(WORD_DIGITS, '0');
}

function signatureHash(signature: string): string {
  return bytesToHex(keccak_256(utf8ToBytes(signature)));
}
