import { RpcSocket } from './rpc-socket.js';

/** Sends requests over a WebSocket that is opened on demand and reopened after it closed. */
export class SocketLine {
  readonly #url: string;
  #opened: Promise<RpcSocket> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws as RpcSocket.open and its `request` do. */
  async request(method: string, parameters: unknown): Promise<unknown> {
    return (await this.#open()).request(method, parameters);
  }

  close(): void {
    this.#opened?.then((socket) => socket.close()).catch(() => {});
  }

  #open(): Promise<RpcSocket> {
    this.#opened ??= this.#openAnew();
    return this.#opened;
  }

  async #openAnew(): Promise<RpcSocket> {
    const forget = () => {
      this.#opened = undefined;
    };
    try {
      const socket = await RpcSocket.open(this.#url);
      socket.closed.then(forget);
      return socket;
    } catch (thrown) {
      forget();
      throw thrown;
    }
  }
}
