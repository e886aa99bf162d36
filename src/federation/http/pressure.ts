import { fastifyUnderPressure } from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { isAlwaysAnswered, isBodiless } from './rate-limit.js';
import type { ServerLimits } from './server-limits.js';

/** The lag counts over this many times itself, so that a single long step of work is no overload. */
const LAGS_IN_SAMPLE = 10;
/** Memory can be filled within seconds, so it is looked at as often as this, and a lag no oftener. */
const SHORTEST_SAMPLE_MS = 1_000;
/** A question about what is wrong is always answered. */
const STATUS_PATHS: ReadonlySet<string> = new Set(['/health', '/readyz']);

/**
 * Refuses requests with OVERLOADED while this process lags or is short of memory: each that is taken
 * then makes all others later, and the end of the process is worse for everybody.
 */
export function refuseUnderPressure(
  server: FastifyInstance,
  limits: Pick<ServerLimits, 'eventLoopDelayMs' | 'heapBytes' | 'residentBytes'>,
): void {
  refuseShortOfMemory(server, limits);
  const sampleMs = Math.max(SHORTEST_SAMPLE_MS, limits.eventLoopDelayMs * LAGS_IN_SAMPLE);
  void server.register(fastifyUnderPressure, {
    sampleInterval: sampleMs,
    maxEventLoopDelay: limits.eventLoopDelayMs,
    pressureHandler: async (request) => refuse(request, sampleMs),
  });
}

/** The plugin looks at memory and at the lag equally often, and a lag must be averaged for longer. */
function refuseShortOfMemory(
  server: FastifyInstance,
  { heapBytes, residentBytes }: Pick<ServerLimits, 'heapBytes' | 'residentBytes'>,
): void {
  let isShort = false;
  const timer = setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    isShort = (heapBytes > 0 && heapUsed > heapBytes) || (residentBytes > 0 && rss > residentBytes);
  }, SHORTEST_SAMPLE_MS);
  timer.unref();
  server.addHook('onClose', async () => clearInterval(timer));
  server.addHook('onRequest', async (request) => {
    if (isShort) refuse(request, SHORTEST_SAMPLE_MS);
  });
}

/** @throws DomainError OVERLOADED {seconds} unless the request is answered whatever is wrong. */
function refuse(request: FastifyRequest, sampleMs: number): void {
  if (isAlwaysAnswered(request)) return;
  if (isBodiless(request) && STATUS_PATHS.has(request.url)) return;
  throw new DomainError('OVERLOADED', { seconds: Math.ceil(sampleMs / 1000) + 1 });
}
