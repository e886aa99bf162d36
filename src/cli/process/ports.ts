import { randomInt } from 'node:crypto';
import { requireFreePort } from '../../ledger/anvil/free-port.js';

/**
 * Ports are searched below those for outgoing connections (from 32,768 on Linux, 49,152 elsewhere).
 * One of those could be taken by any connection, even of this process, between finding the port and
 * listening on it.
 */
const LOWEST = 20_000;
const BEYOND = 32_000;

/** A port that was free a moment ago, on loopback. */
export function findFreePort(): Promise<number> {
  return findFreePorts(1);
}

/** The first of several ports in a row that were free a moment ago, on loopback. */
export async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(LOWEST, BEYOND - count);
    const ports = Array.from({ length: count }, (_, at) => first + at);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return requireFreePort('127.0.0.1', port).then(
    () => true,
    () => false,
  );
}
