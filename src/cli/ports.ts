import { createServer } from 'node:net';
import { requireFreePort } from '../ledger/free-port.js';

/** A port that was free a moment ago, on loopback. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** The first of several ports in a row that were free a moment ago, on loopback. */
export async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const first = await findFreePort();
    const ports = Array.from({ length: count }, (_, at) => first + at);
    const free = await Promise.all(
      ports.map((port) =>
        requireFreePort('127.0.0.1', port).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (first + count < 65_536 && free.every(Boolean)) return first;
  }
}
