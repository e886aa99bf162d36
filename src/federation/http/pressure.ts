import { fastifyUnderPressure } from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { isAlwaysAnswered } from './rate-limit.js';
import type { ServerLimits } from './server-limits.js';

/** How often the process is measured, and so how soon it is believed again. */
const SAMPLE_MS = 1_000;
const RETRY_SECONDS = 2;
/** Whoever asks what is wrong is told, whatever it is. */
const STATUS_PATHS: ReadonlySet<string> = new Set(['/health', '/readyz']);

/**
 * Refuses requests with OVERLOADED while this process lags or is short of memory: each that is taken
 * then makes all others later, and the end of the process is worse for everybody.
 */
export function refuseUnderPressure(
  server: FastifyInstance,
  limits: Pick<ServerLimits, 'eventLoopDelayMs' | 'heapBytes' | 'residentBytes'>,
): void {
  void server.register(fastifyUnderPressure, {
    sampleInterval: SAMPLE_MS,
    maxEventLoopDelay: limits.eventLoopDelayMs,
    maxHeapUsedBytes: limits.heapBytes,
    maxRssBytes: limits.residentBytes,
    pressureHandler: async (request) => {
      if (isAlwaysAnswered(request) || STATUS_PATHS.has(request.url)) return;
      throw new DomainError('OVERLOADED', { seconds: RETRY_SECONDS });
    },
  });
}
