import { createServer } from 'node:net';
import { DomainError } from '../core/errors.js';

/**
 * Checks that nothing listens on a port of the loopback: its answers would be taken for those of our own child.
 *
 * @throws DomainError PORT_TAKEN.
 */
export function requirePortFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new DomainError('PORT_TAKEN', { port })));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
