import { z } from 'zod';
import { RpcSocket } from './rpc-socket.js';

export interface HeadSubscriptionOptions {
  /** ws or wss. */
  readonly url: string;
  /** A block was announced. Only a hint to read the ledger: nothing in it is believed. */
  readonly onHead: (blockNumber: number) => void;
  /** Heads are announced from now on; earlier ones were missed. */
  readonly onLive: () => void;
}

/**
 * Milliseconds between attempts while no socket is served: the first wait, and the longest after
 * doubling.
 */
const RETRY_MS = { first: 1_000, most: 60_000 };

const announcementShape = z.object({
  result: z.object({ number: z.string().regex(/^0x[0-9a-f]{1,12}$/i) }),
});

/**
 * Listens for new blocks over a WebSocket while one is available. No notification does not imply
 * that there is no new block: polling continues.
 */
export class HeadSubscription {
  readonly #options: HeadSubscriptionOptions;
  #socket: RpcSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS.first;
  #live = false;
  #stopped = false;

  constructor(options: HeadSubscriptionOptions) {
    this.#options = options;
    void this.#keep();
  }

  /** Whether the socket is open and the endpoint accepted the subscription. */
  isLive(): boolean {
    return this.#live;
  }

  /**
   * Drops the socket and subscribes again: for a caller that sees blocks that were not announced.
   */
  renew(): void {
    this.#live = false;
    this.#socket?.close();
  }

  stop(): void {
    this.#stopped = true;
    this.#live = false;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  async #keep(): Promise<void> {
    try {
      await this.#subscribe();
    } catch {
      // No socket is served here, or not now: the watch polls meanwhile.
    }
    this.#live = false;
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#keep(), this.#retryMs);
    this.#timer.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }

  /** Settles when the socket has ended. */
  async #subscribe(): Promise<void> {
    const socket = await RpcSocket.open(this.#options.url);
    this.#socket = socket;
    if (this.#stopped) return;
    socket.onNotification((parameters) => {
      const announced = announcementShape.safeParse(parameters);
      if (announced.success) this.#options.onHead(Number(announced.data.result.number));
    });
    await socket.request('eth_subscribe', ['newHeads']);
    if (this.#stopped) return;
    this.#live = true;
    this.#retryMs = RETRY_MS.first;
    this.#options.onLive();
    await socket.closed;
  }
}

/** Where an endpoint would serve a WebSocket: most serve both at one address. */
export function socketUrlOf(rpcUrl: string): string {
  return rpcUrl.replace(/^http/, 'ws');
}
