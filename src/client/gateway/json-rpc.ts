import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { exchangeJson, type Fetch } from './exchange.js';

const LIMITS = { timeoutMs: 10_000, maxBytes: 1024 * 1024 };

export const quantity = z.string().regex(/^0x[0-9a-f]+$/i);
/** An ABI-encoded answer. */
export const words = z.string().regex(/^0x([0-9a-f]{64})*$/i);
const rpcAnswer = z.union([
  z.object({ result: z.unknown() }).refine((answer) => answer.result !== undefined),
  z.object({ error: z.unknown() }),
]);

/** One call of an Ethereum JSON-RPC endpoint. */
export type RpcCall = <T>(method: string, params: unknown[], shape: z.ZodType<T>) => Promise<T>;

/**
 * Calls an Ethereum JSON-RPC endpoint without a ledger library, so that checks in a browser need
 * none. A call throws DomainError LEDGER_UNAVAILABLE for any failure of the endpoint.
 */
export function jsonRpc(send: Fetch, rpcUrl: string): RpcCall {
  return async (method, params, shape) => {
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
  };
}
