import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What requests that are being worked on have left, once a server is told to stop. */
const GRACE_MS = 5_000;

/**
 * Makes a stop prompt: a client that has not sent its whole request is left at once, as nothing would
 * close its connection any more; one whose answer is being made has a few seconds.
 */
export function stopPromptly(server: FastifyInstance): void {
  const connections = new Set<Socket>();
  const workedOn = new Map<Socket, FastifyRequest>();
  server.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => {
      connections.delete(socket);
      workedOn.delete(socket);
    });
  });
  server.addHook('onRequest', async (request) => void workedOn.set(request.raw.socket, request));
  server.addHook('onResponse', async ({ raw }) => void workedOn.delete(raw.socket));
  server.addHook('preClose', async () => {
    for (const socket of connections) {
      if (workedOn.get(socket)?.raw.complete !== true) socket.destroy();
    }
    const leaveAll = setTimeout(() => server.server.closeAllConnections(), GRACE_MS);
    leaveAll.unref();
    server.server.once('close', () => clearTimeout(leaveAll));
  });
}
