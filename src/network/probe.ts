import { setTimeout as sleep } from 'node:timers/promises';
import type { InstitutionId } from '../core/ids.js';
import type { Logger } from '../core/log.js';
import { type AskedInstitution, nodeUrl } from './ask-nodes.js';
import { exchangeJson } from './exchange.js';
import { NodeFailure } from './node-failure.js';
import { ANY_WIRE, type Wire } from './wire.js';

const BUDGET_MS = 1_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Whether an institution's node answers, as anybody may hear it. An institution chooses where its endpoint leads: one
 * word for every failure and no time beside it, or whoever asks would learn which ports are open there.
 */
export interface ProbedInstitution {
  readonly institution: InstitutionId;
  readonly status: 'OK' | 'UNAVAILABLE';
  /** Milliseconds until its answer was read; null without one. */
  readonly latencyMs: number | null;
}

export interface ProbeOptions {
  readonly logger: Logger;
  /** Which endpoints may be reached; any unless given. */
  readonly wire?: Wire;
  /** Callers within it share one round: whoever asks often does not make this gateway ask often. */
  readonly maxAgeMs?: number;
}

/** Why an institution was not reached; 'OK' if it was. For the log, which hears of each change once. */
type LastSaid = Map<InstitutionId, string>;

/**
 * Whether each active institution's node answers `GET <endpoint>/health`, in id order.
 *
 * A round with a failure always takes its whole budget, however soon the failure came.
 */
export function createProbe(
  institutions: () => readonly AskedInstitution[],
  { logger, wire = ANY_WIRE, maxAgeMs = BUDGET_MS }: ProbeOptions,
): () => Promise<readonly ProbedInstitution[]> {
  const said: LastSaid = new Map();
  let startedMs = Number.NEGATIVE_INFINITY;
  let round: Promise<readonly ProbedInstitution[]> | undefined;

  async function askAll(): Promise<readonly ProbedInstitution[]> {
    const full = sleep(BUDGET_MS, undefined, { ref: false });
    const asked = institutions().filter(({ status }) => status === 'ACTIVE');
    const inOrder = [...asked].sort((a, b) => (a.id < b.id ? -1 : 1));
    const probed = await Promise.all(inOrder.map((one) => probe(one, wire, said, logger)));
    if (probed.some(({ status }) => status !== 'OK')) await full;
    return probed;
  }

  return async () => {
    const nowMs = performance.now();
    if (round === undefined || nowMs - startedMs > maxAgeMs) {
      startedMs = nowMs;
      round = askAll();
    }
    return round;
  };
}

async function probe(
  { id, endpoint }: AskedInstitution,
  wire: Wire,
  said: LastSaid,
  logger: Logger,
): Promise<ProbedInstitution> {
  const startMs = performance.now();
  const limits = { budgetMs: BUDGET_MS, maxBytes: MAX_ANSWER_BYTES };
  try {
    await exchangeJson(nodeUrl(endpoint, 'health'), { method: 'GET' }, limits, wire);
    said.set(id, 'OK');
    const latencyMs = Math.round(performance.now() - startMs);
    return { institution: id, status: 'OK', latencyMs };
  } catch (thrown) {
    if (!(thrown instanceof NodeFailure)) throw thrown;
    const { kind, detail } = thrown;
    if (said.get(id) !== detail) {
      logger.warn({ institution: id, kind, detail }, 'a node does not say that it is well');
    }
    said.set(id, detail);
    return { institution: id, status: 'UNAVAILABLE', latencyMs: null };
  }
}
