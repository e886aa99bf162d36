import { fastifyUnderPressure } from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { isAlwaysAnswered } from './rate-limit.js';
import type { ServerLimits } from './server-limits.js';

/** The lag counts over this many times itself, so that a single long step of work is no overload. */
const LAGS_IN_SAMPLE = 10;
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
  const sampleMs = Math.max(SHORTEST_SAMPLE_MS, limits.eventLoopDelayMs * LAGS_IN_SAMPLE);
  const seconds = Math.ceil(sampleMs / 1000) + 1;
  void server.register(fastifyUnderPressure, {
    sampleInterval: sampleMs,
    maxEventLoopDelay: limits.eventLoopDelayMs,
    maxHeapUsedBytes: limits.heapBytes,
    maxRssBytes: limits.residentBytes,
    pressureHandler: async (request) => {
      if (isAlwaysAnswered(request) || STATUS_PATHS.has(request.url)) return;
      throw new DomainError('OVERLOADED', { seconds });
    },
  });
}
