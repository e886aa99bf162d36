import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../../../core/errors.js';
import { type CallRefusal, readOpenCalls } from './calls.js';
import { exchangeOverIpc, openLines } from './ipc.js';
import { refusalOfRequest, refusalOfSender, type SenderRefusal } from './sender.js';

const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export interface GuardOptions {
  /** On the loopback; 0 for a free one. */
  readonly port: number;
  /** The socket of the chain's process. It need not be there yet. */
  readonly socketPath: string;
}

/** The port at which programs on this machine can reach a chain, and web pages cannot. */
export interface Guard {
  close(): Promise<void>;
}

/**
 * Serves a chain over HTTP and WebSocket on one loopback port. Takes only requests that no web page
 * can send, and only the methods that a network needs.
 *
 * @throws DomainError PORT_TAKEN.
 */
export async function startGuard({ port, socketPath }: GuardOptions): Promise<Guard> {
  const server = createServer({ requestTimeout: TIMEOUT_MS }, (request, response) => {
    answer(socketPath, request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request, stream: Duplex, head) => {
    stream.on('error', () => stream.destroy());
    const check = refusalOfSender(request.headers);
    if (check !== undefined) return refuseUpgrade(stream, check);
    sockets.handleUpgrade(request, stream, head, (socket) => carry(socket, socketPath));
  });
  await listen(server, port);
  return {
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new DomainError('PORT_TAKEN', { port }, cause)));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve());
  });
}

async function answer(
  socketPath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const check = refusalOfRequest(request.headers);
  if (check !== undefined) return reply(response, 403, refusalText(check));
  if (request.method !== 'POST') return reply(response, 405, refusalText('METHOD'));
  const body = await readBody(request);
  if (body === undefined) return reply(response, 413, refusalText('MALFORMED'));
  const read = readOpenCalls(body);
  if ('refused' in read) return reply(response, 200, refusalText(read.refused));
  const text = await exchangeOverIpc(socketPath, read.message, TIMEOUT_MS).catch(() => undefined);
  return reply(response, text === undefined ? 503 : 200, text ?? AWAY_TEXT);
}

/** @returns undefined if it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_MESSAGE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function refuseUpgrade(stream: Duplex, check: SenderRefusal): void {
  const body = refusalText(check);
  const head = `HTTP/1.1 403 ${STATUS_CODES[403]}\r\nConnection: close\r\nContent-Length: ${body.length}`;
  stream.end(`${head}\r\nContent-Type: application/json\r\n\r\n${body}`);
}

/** A WebSocket has a socket of its own at the chain, so that what it subscribed to reaches nobody else. */
function carry(socket: WebSocket, socketPath: string): void {
  const chain = openLines(socketPath, (line) => socket.send(line));
  chain.on('error', () => chain.destroy());
  chain.on('close', () => socket.terminate());
  socket.on('error', () => socket.terminate());
  socket.on('close', () => chain.destroy());
  socket.on('message', (text) => {
    const read = readOpenCalls(String(text));
    if ('refused' in read) socket.send(refusalText(read.refused));
    else chain.write(read.message);
  });
}

const AWAY_TEXT = errorText(-32_603, 'LEDGER_UNAVAILABLE', {});

/** JSON-RPC's standard error codes. */
function refusalText(check: SenderRefusal | CallRefusal): string {
  const code = check === 'METHOD' ? -32_601 : -32_600;
  return errorText(code, 'LEDGER_PORT_REFUSED', { check });
}

function errorText(code: number, message: string, data: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message, data } });
}
