import { z } from 'zod';
import { type JsonBounds, parseBoundedJson } from '../../../core/import/json-bounds.js';

/**
 * The methods that are let through: reading, and sending what was signed outside the chain's
 * process. Anvil has a hundred more, which set balances, code and time, or act as any account.
 */
const OPEN_METHODS: ReadonlySet<string> = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_estimateGas',
  'eth_fillTransaction',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'eth_sendRawTransaction',
  'eth_subscribe',
  'eth_unsubscribe',
]);

/** Calls of one batch at most. */
const MAX_CALLS = 1_000;

/** A call of the chain nests a few lists and objects. */
const BOUNDS: JsonBounds = { maxDepth: 16, maxValues: 20 * MAX_CALLS };

const callShape = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
});
const messageShape = z.union([callShape, z.array(callShape).min(1).max(MAX_CALLS)]);

/** Why a message is not passed on. */
export type CallRefusal = 'MALFORMED' | 'METHOD';

/**
 * Reads a JSON-RPC message, a call or a batch, of which every method must be an open one.
 *
 * @returns the message to pass on, serialized from what was parsed. So the chain sees exactly what
 * was checked, even if a member was given twice.
 */
export function readOpenCalls(
  text: string,
): { readonly message: string } | { readonly refused: CallRefusal } {
  const parsed = messageShape.safeParse(parseJson(text));
  if (!parsed.success) return { refused: 'MALFORMED' };
  const calls = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
  if (!calls.every(({ method }) => OPEN_METHODS.has(method))) return { refused: 'METHOD' };
  const written = calls.map((call) => JSON.stringify({ jsonrpc: '2.0', ...call }));
  return { message: Array.isArray(parsed.data) ? `[${written.join(',')}]` : written.join('') };
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text, BOUNDS);
  } catch {
    return undefined;
  }
}
