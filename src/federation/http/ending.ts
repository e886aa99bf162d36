import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Makes the signals by which a request that waits learns that it need not: its client has closed the
 * connection, or this server stops. What is worked on without waiting has its time to end (stop.ts).
 *
 * @returns for a request's reply, the way to its signal; none is made for a request that never asks.
 */
export function endingsOf(server: FastifyInstance): (reply: FastifyReply) => () => AbortSignal {
  const waiting = new Set<AbortController>();
  let isStopping = false;
  server.addHook('preClose', async () => {
    isStopping = true;
    for (const ending of waiting) ending.abort();
  });
  return ({ raw }) => {
    let made: AbortController | undefined;
    return () => {
      if (made !== undefined) return made.signal;
      const ending = new AbortController();
      made = ending;
      const end = () => {
        ending.abort();
        waiting.delete(ending);
      };
      if (isStopping || raw.closed) end();
      else {
        waiting.add(ending);
        raw.once('close', end);
      }
      return ending.signal;
    };
  };
}
