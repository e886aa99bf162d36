import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeFunctionResult, encodeFunctionResult, type Hex, toFunctionSelector } from 'viem';
import { registerAbi } from '../../../src/ledger/contract/register-abi.js';

type Read = 'head' | 'rootsSince' | 'institutions';
type Call = { readonly method: string; readonly params?: readonly unknown[]; readonly id: unknown };
type Answer = { result?: Hex };
/** Changes what was decoded of an honest answer. */
type Lie = (honest: never) => unknown;
export type Lies = Partial<Record<Read, Lie>>;

const SELECTORS = new Map<string, Read>(
  (['head', 'rootsSince', 'institutions'] as const).map((name) => {
    const [item] = registerAbi.filter((one) => one.type === 'function' && one.name === name);
    return [toFunctionSelector(item as never), name];
  }),
);

/** An endpoint of a real chain, whose owner changes the answers to some calls of the register. */
export interface LyingEndpoint {
  readonly url: string;
  tell(lies: Lies): void;
  /** Takes requests and answers none. */
  hang(): void;
  end(): Promise<void>;
}

export async function startLyingEndpoint(chainUrl: string): Promise<LyingEndpoint> {
  let lies: Lies = {};
  let hangs = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (hangs) return;
    const body = Buffer.concat(chunks).toString('utf8');
    const headers = { 'content-type': 'application/json' };
    const honest: unknown = await (await fetch(chainUrl, { method: 'POST', headers, body })).json();
    const asked: unknown = JSON.parse(body);
    const calls = [asked].flat() as readonly Call[];
    const answers = [honest].flat() as readonly Answer[];
    const told = answers.map((answer, i) => changed(calls[i], answer, lies));
    response.writeHead(200, headers);
    response.end(JSON.stringify(Array.isArray(asked) ? told : told[0]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: (next) => {
      lies = next;
    },
    hang: () => {
      hangs = true;
    },
    end: () => stop(server),
  };
}

function changed(call: Call | undefined, answer: Answer, lies: Lies): Answer {
  const data = (call?.params?.[0] as { readonly data?: string } | undefined)?.data ?? '';
  const functionName = SELECTORS.get(data.slice(0, 10));
  const lie = functionName === undefined ? undefined : lies[functionName];
  if (call?.method !== 'eth_call' || functionName === undefined || lie === undefined) return answer;
  if (answer.result === undefined) return answer;
  const honest = decodeFunctionResult({ abi: registerAbi, functionName, data: answer.result });
  const result = lie(honest as never);
  const encoded = { abi: registerAbi, functionName, result } as never;
  return { ...answer, result: encodeFunctionResult(encoded) };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
