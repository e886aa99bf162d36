import type { FastifyInstance } from 'fastify';
import type { ErrorCode } from '../core/error-codes.js';
import { codeOf, DomainError } from '../core/errors.js';
import type { Logger } from '../core/log.js';

/** One thing without which a part cannot answer as it should. */
export interface ReadyCheck {
  /** What is told where the check takes too long, or fails for a reason without a code. */
  readonly code: ErrorCode;
  /** Throws if it does not hold; a DomainError's own code is told. */
  readonly check: () => unknown;
}

/** Whether a part can answer: what `/readyz` says. */
export interface Readiness {
  /** The codes of what does not hold, each once, sorted; none if all holds. Never throws. */
  codes(): Promise<readonly ErrorCode[]>;
  /** From now on STOPPING is among them: a load balancer sends the next requests elsewhere. */
  beginStop(): void;
}

/** Callers within it share one round, so that many questions do not make this part check often. */
const MAX_AGE_MS = 1_000;
const CHECK_BUDGET_MS = 2_000;

/** @param log - hears of each change, once. */
export function createReadiness(checks: readonly ReadyCheck[], log: Logger): Readiness {
  let startedMs = Number.NEGATIVE_INFINITY;
  let round: Promise<readonly ErrorCode[]> | undefined;
  let told = '';
  let stopping = false;

  async function checkAll(): Promise<readonly ErrorCode[]> {
    const failed = await Promise.all(checks.map(codeOfCheck));
    const codes = [...new Set(failed.filter((code) => code !== undefined))].sort();
    if (told !== codes.join()) log.info({ codes }, codes.length === 0 ? 'ready' : 'not ready');
    told = codes.join();
    return codes;
  }

  return {
    async codes() {
      const nowMs = performance.now();
      if (round === undefined || nowMs - startedMs > MAX_AGE_MS) {
        startedMs = nowMs;
        round = checkAll();
      }
      const codes = await round;
      return stopping ? [...codes, 'STOPPING'] : codes;
    },
    beginStop() {
      stopping = true;
    },
  };
}

async function codeOfCheck({ code, check }: ReadyCheck): Promise<ErrorCode | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DomainError(code)), CHECK_BUDGET_MS);
  });
  try {
    await Promise.race([check(), late]);
    return undefined;
  } catch (thrown) {
    const own = codeOf(thrown);
    return own === 'INTERNAL' ? code : own;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Adds what machines ask of a part: `/livez` answers while the process turns, `/readyz` is 200 while it can answer
 * as it should and 503 with the codes of what does not hold. Neither names a host.
 */
export function addReadyRoutes(app: FastifyInstance, readiness: Readiness): void {
  app.get('/livez', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const codes = await readiness.codes();
    if (codes.length === 0) return reply.send({ status: 'ready' });
    return reply.code(503).send({ status: 'unready', codes });
  });
}
