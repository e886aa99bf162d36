import { fastifyRateLimit, normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';
import type { ServerLimits } from './server-limits.js';

const MINUTE_MS = 60_000;
/** Addresses and holders remembered at a time. */
const REMEMBERED = 50_000;
/** Who has one IPv6 address has all of its network. */
const IPV6_PREFIX = 64;

/** Whether a request has no body that anything reads: of these methods fastify parses none. */
export function isBodiless({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}

/** What must be answered however much is asked: whether the process lives, and what a page may send. */
export function isAlwaysAnswered(request: FastifyRequest): boolean {
  const { method, url } = request;
  return isBodiless(request) && (method === 'OPTIONS' || url === '/livez');
}

/** Who asks, as far as a connection tells: an IPv4 address, or the /64 of an IPv6 address. */
export function addressOf(ip: string): string {
  return normalizeIP(ip, IPV6_PREFIX);
}

/**
 * Limits the requests of a server: by address, before anything of them is read, and by holder.
 *
 * @returns a function that counts a request for a holder, whose token must have been checked: another's
 * name would use up another's share. It throws DomainError RATE_LIMITED {seconds}.
 */
export function limitRates(
  server: FastifyInstance,
  limits: Pick<ServerLimits, 'requestsPerMinuteByAddress' | 'requestsPerMinuteByHolder'>,
): (request: FastifyRequest, holder: string) => Promise<void> {
  const holders = new WeakMap<FastifyRequest, string>();
  void server.register(fastifyRateLimit, {
    global: false,
    cache: REMEMBERED,
    timeWindow: MINUTE_MS,
  });
  const limiter = (max: number, keyGenerator: (request: FastifyRequest) => string) => {
    let limit: ReturnType<typeof server.createRateLimit> | undefined;
    return async (request: FastifyRequest): Promise<void> => {
      // The plugin is loaded by the time that a request comes.
      limit ??= server.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator });
      const counted = await limit(request);
      if (counted.isAllowed || !counted.isExceeded) return;
      throw new DomainError('RATE_LIMITED', { seconds: counted.ttlInSeconds });
    };
  };
  const countAddress = limiter(limits.requestsPerMinuteByAddress, ({ ip }) => addressOf(ip));
  const countHolder = limiter(
    limits.requestsPerMinuteByHolder,
    (request) => holders.get(request) ?? '',
  );
  server.addHook('onRequest', async (request) => {
    if (!isAlwaysAnswered(request)) await countAddress(request);
  });
  return async (request, holder) => {
    holders.set(request, holder);
    await countHolder(request);
  };
}
