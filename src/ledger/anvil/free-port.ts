import { createServer } from 'node:net';
import { DomainError } from '../../core/errors.js';

/** @throws DomainError PORT_TAKEN if something listens there already. */
export function requireFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) => reject(new DomainError('PORT_TAKEN', { port }, cause)));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}
