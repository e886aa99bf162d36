import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire to a ledger that a test may cut or jam: for WebSockets alone, so that polling goes on. */
export interface Relay {
  readonly port: number;
  /** WebSockets opened so far. */
  sockets(): number;
  /** Ends every WebSocket and takes no other. */
  cut(): void;
  /** WebSockets stand and carry nothing any more. */
  jam(): void;
  /** New WebSockets are carried again; those that were jammed stay so. */
  mend(): void;
  end(): Promise<void>;
}

export async function startRelay(toPort: number): Promise<Relay> {
  const upgraded = new Set<{ readonly near: Socket; readonly far: Socket }>();
  const open = new Set<Socket>();
  let isCut = false;
  let opened = 0;
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    for (const one of [near, far]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        near.destroy();
        far.destroy();
      });
    }
    near.once('data', (chunk) => {
      if (!/upgrade: websocket/i.test(chunk.toString('latin1'))) return;
      if (isCut) near.destroy();
      opened += 1;
      upgraded.add({ near, far });
    });
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets: () => opened,
    cut: () => {
      isCut = true;
      for (const { near } of upgraded) near.destroy();
      upgraded.clear();
    },
    jam: () => {
      for (const { near, far } of upgraded) {
        near.unpipe(far);
        far.unpipe(near);
        far.resume();
        near.resume();
      }
      upgraded.clear();
    },
    mend: () => {
      isCut = false;
    },
    end: async () => {
      for (const one of open) one.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
