import { RpcRequestError, TimeoutError, WebSocketRequestError } from 'viem';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { parseBoundedJson } from '../../core/import/json-bounds.js';
import { ANSWER_BOUNDS, MAX_ANSWER_BYTES } from './bounded-fetch.js';

/** A notification to a subscriber: the method's parameters, not yet validated. */
export type NotificationListener = (parameters: unknown) => void;

const TIMEOUT_MS = 5_000;

const messageShape = z.object({
  id: z.number().nullish(),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .nullish(),
  params: z.unknown().optional(),
});

type Message = z.infer<typeof messageShape>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (cause: Error) => void;
}

/**
 * One WebSocket to a JSON-RPC endpoint. Only a request in flight keeps the process running, not an
 * idle socket.
 *
 * It does not reconnect: its owner is told when it ends, and opens another.
 */
export class RpcSocket {
  /** Settles when the connection is closed by either side. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #url: string;
  readonly #waiting = new Map<number, Waiting>();
  #listener: NotificationListener = () => {};
  #lastId = 0;

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    this.#url = url;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.closed.then(() => this.#failAll());
    socket.on('message', (text) => this.#take(String(text)));
  }

  /** @throws WebSocketRequestError if nobody answers there as a WebSocket within 5 s. */
  static open(url: string): Promise<RpcSocket> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, {
        handshakeTimeout: TIMEOUT_MS,
        maxPayload: MAX_ANSWER_BYTES,
        perMessageDeflate: false,
      });
      const opened = new RpcSocket(socket, url);
      socket.once('upgrade', ({ socket: stream }) => stream.unref());
      socket.once('open', () => resolve(opened));
      // Every error is followed by a close; without a listener it would end the process.
      socket.on('error', (cause) => reject(new WebSocketRequestError({ url, cause })));
    });
  }

  /** @throws RpcRequestError if the endpoint refuses; TimeoutError; WebSocketRequestError if the socket ends. */
  request(method: string, parameters: unknown = []): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const body = { jsonrpc: '2.0', id, method, params: parameters };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => fail(new TimeoutError({ body: { method }, url: this.#url })),
        TIMEOUT_MS,
      );
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      const fail = (cause: Error) => {
        end();
        reject(cause);
      };
      const succeed = (result: unknown) => {
        end();
        resolve(result);
      };
      this.#waiting.set(id, { resolve: succeed, reject: fail });
      this.#socket.send(JSON.stringify(body), (cause) => {
        if (cause) fail(new WebSocketRequestError({ url: this.#url, cause }));
      });
    });
  }

  /** One listener for all subscriptions on this socket. */
  onNotification(listener: NotificationListener): void {
    this.#listener = listener;
  }

  /** Cut at once: an endpoint that hangs would never complete a closing handshake. */
  close(): void {
    this.#socket.terminate();
  }

  #take(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) this.close();
    else if (typeof message.id === 'number') this.#answer(message.id, message);
    else this.#listener(message.params);
  }

  #answer(id: number, { result, error }: Message): void {
    const waiting = this.#waiting.get(id);
    if (error) waiting?.reject(new RpcRequestError({ body: {}, error, url: this.#url }));
    else waiting?.resolve(result);
  }

  #failAll(): void {
    const cause = new Error('the socket ended');
    for (const { reject } of [...this.#waiting.values()]) {
      reject(new WebSocketRequestError({ url: this.#url, cause }));
    }
  }
}

function parseMessage(text: string): Message | undefined {
  try {
    return messageShape.parse(parseBoundedJson(text, ANSWER_BOUNDS));
  } catch {
    return undefined;
  }
}
