import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { MAX_BODY_BYTES } from '../document/limits.js';
import { addressOf } from './rate-limit.js';
import type { ServerLimits } from './server-limits.js';
import { codingOf } from './unpack.js';

const MS_IN_SECOND = 1_000;

/**
 * Bounds the bytes of bodies that a server has taken and not yet answered, of one address and of all: a body
 * stays in memory from its first byte on, and its client decides when its last one comes.
 *
 * A request over the share of its address is refused with RATE_LIMITED {seconds}, one for which the server has
 * no room with OVERLOADED {seconds}, before its body is read.
 */
export function limitBodies(
  server: FastifyInstance,
  limits: Pick<ServerLimits, 'bodyBytes' | 'bodyBytesByAddress' | 'requestMs'>,
): void {
  // None holds its room for longer without being whole.
  const seconds = Math.ceil(limits.requestMs / MS_IN_SECOND);
  const byAddress = new Map<string, number>();
  const whenClosed = new WeakMap<Socket, Set<() => void>>();
  let all = 0;

  function change(address: string, bytes: number): void {
    all += bytes;
    const held = (byAddress.get(address) ?? 0) + bytes;
    if (held === 0) byAddress.delete(address);
    else byAddress.set(address, held);
  }

  /** What is given back when a connection closes: not every answer that waits behind another hears of it. */
  function endingsOf(socket: Socket): Set<() => void> {
    const known = whenClosed.get(socket);
    if (known !== undefined) return known;
    const endings = new Set<() => void>();
    whenClosed.set(socket, endings);
    socket.once('close', () => {
      for (const end of endings) end();
    });
    return endings;
  }

  server.addHook('onRequest', async (request, reply) => {
    const bytes = bodyBytesOf(request);
    if (bytes === 0) return;
    const address = addressOf(request.ip);
    const held = byAddress.get(address) ?? 0;
    if (held + bytes > limits.bodyBytesByAddress)
      throw new DomainError('RATE_LIMITED', { seconds });
    if (all + bytes > limits.bodyBytes) throw new DomainError('OVERLOADED', { seconds });
    change(address, bytes);
    const endings = endingsOf(request.raw.socket);
    const end = () => {
      if (endings.delete(end)) change(address, -bytes);
    };
    endings.add(end);
    reply.raw.once('finish', end).once('close', end);
  });
}

/** Bytes that a request's body has at most: of a chunked or a packed one nothing else is known. */
function bodyBytesOf({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return MAX_BODY_BYTES;
  if (codingOf({ headers }) !== 'identity') return MAX_BODY_BYTES;
  // A longer one is refused unread.
  return Math.min(Number(headers['content-length'] ?? 0), MAX_BODY_BYTES);
}
