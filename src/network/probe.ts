import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../core/backoff.js';
import type { InstitutionId } from '../core/ids.js';
import type { Logger } from '../core/log.js';
import { type AskedInstitution, nodeUrl } from './ask-nodes.js';
import { exchangeJson } from './exchange.js';
import { NodeFailure } from './node-failure.js';
import type { PeerClocks } from './peer-clocks.js';
import { ANY_WIRE, type Wire } from './wire.js';

const BUDGET_MS = 1_000;
/** Bytes of an answer: a status and a few codes. */
const MAX_ANSWER_BYTES = 4 * 1024;
/**
 * A node that does not answer is asked less and less often, but is found within this time once it
 * is back.
 */
const MAX_WAIT_MS = 10_000;

/**
 * Whether an institution's node answers, as anybody may be told. An institution chooses where its
 * endpoint leads: there is one state for every failure, without a time, so that nobody learns which
 * ports are open there.
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
  /**
   * Milliseconds within which callers share one round, so that frequent callers do not make this
   * gateway ask often.
   */
  readonly maxAgeMs?: number;
  /** Is told the time of each node. */
  readonly clocks?: PeerClocks;
}

/**
 * Why an institution was not reached; 'OK' if it was. For the log, where each change is written
 * once.
 */
type LastSaid = Map<InstitutionId, string>;

/**
 * Whether each active institution's node answers `GET <endpoint>/readyz` with 200, in id order.
 *
 * A round with a failure always takes its whole time limit, so that its length reveals nothing.
 */
export function createProbe(
  institutions: () => readonly AskedInstitution[],
  options: ProbeOptions,
): () => Promise<readonly ProbedInstitution[]> {
  const { maxAgeMs = BUDGET_MS } = options;
  const said: LastSaid = new Map();
  const backoff = new Backoff({ firstMs: maxAgeMs, mostMs: MAX_WAIT_MS });
  let startedMs = Number.NEGATIVE_INFINITY;
  let round: Promise<readonly ProbedInstitution[]> | undefined;

  async function askAll(): Promise<readonly ProbedInstitution[]> {
    const full = sleep(BUDGET_MS, undefined, { ref: false });
    const asked = institutions().filter(({ status }) => status === 'ACTIVE');
    const inOrder = [...asked].sort((a, b) => (a.id < b.id ? -1 : 1));
    const probed = await Promise.all(
      inOrder.map((one) => probe(one, { ...options, said, backoff })),
    );
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

type Probing = ProbeOptions & { readonly said: LastSaid; readonly backoff: Backoff };

async function probe(
  { id, endpoint }: AskedInstitution,
  { wire = ANY_WIRE, said, backoff, logger, clocks }: Probing,
): Promise<ProbedInstitution> {
  const away = { institution: id, status: 'UNAVAILABLE', latencyMs: null } as const;
  if (!backoff.isDue(id)) return away;
  const startMs = performance.now();
  const limits = { budgetMs: BUDGET_MS, maxBytes: MAX_ANSWER_BYTES };
  try {
    const url = nodeUrl(endpoint, 'readyz');
    await exchangeJson(url, { method: 'GET' }, limits, wire, (headers) =>
      clocks?.noteAnswer(id, headers),
    );
    said.set(id, 'OK');
    backoff.succeeded(id);
    const latencyMs = Math.round(performance.now() - startMs);
    return { institution: id, status: 'OK', latencyMs };
  } catch (thrown) {
    if (!(thrown instanceof NodeFailure)) throw thrown;
    const { kind, detail } = thrown;
    if (said.get(id) !== detail) {
      logger.warn({ institution: id, kind, detail }, 'a node does not report that it is ready');
    }
    said.set(id, detail);
    backoff.failed(id);
    return away;
  }
}
