import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../network/stand.js';

/** What becomes of a request on its way; true if it was answered, or never will be, on the way. */
type Meddling = (request: IncomingMessage, answer: ServerResponse) => boolean;

/** The way to a node, at the address that the ledger lists: a test cuts it, or lies on it. */
export interface Wire {
  readonly endpoint: string;
  /** Puts something in the way of every request from now on, or nothing again. */
  meddle(meddling: Meddling | undefined): void;
  stop(): Promise<void>;
}

/** Packets are dropped silently: the caller waits. */
export const CUT: Meddling = () => true;

/** Lays a way to a node on loopback. */
export async function layWire(port: number): Promise<Wire> {
  let meddling: Meddling | undefined;
  const server = createServer(async (request, answer) => {
    if (meddling?.(request, answer)) return;
    try {
      await pass(request, answer, port);
    } catch {
      answer.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    meddle(next) {
      meddling = next;
    },
    stop() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** No wire at all: the ledger lists the node's own address. */
export function straightTo(port: number): Wire {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    meddle() {
      throw new TypeError('nothing stands in the way of this node');
    },
    stop: async () => undefined,
  };
}

async function pass(request: IncomingMessage, answer: ServerResponse, port: number) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/', headers } = request;
  const passed = await fetch(`http://127.0.0.1:${port}${url}`, {
    method,
    headers: endToEnd(Object.entries(headers)),
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  answer.writeHead(passed.status, endToEnd([...passed.headers]));
  answer.end(Buffer.from(await passed.arrayBuffer()));
}

/** What is of one connection alone, or of a body that is measured again. */
const HOP_BY_HOP = ['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'];

function endToEnd(headers: readonly (readonly [string, unknown])[]): Record<string, string> {
  const kept = headers.filter(([name, value]) => !HOP_BY_HOP.includes(name) && value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
