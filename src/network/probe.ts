import type { SourceState } from '../graph/ask.js';
import { type AskedInstitution, nodeUrl } from './ask-nodes.js';
import { exchangeJson, NodeFailure } from './exchange.js';

const BUDGET_MS = 1_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Whether each active institution's node answers `GET <endpoint>/health`, in id order.
 *
 * Callers within `maxAgeMs` share one round: whoever asks often does not make this gateway ask often.
 */
export function createProbe(
  institutions: () => readonly AskedInstitution[],
  maxAgeMs = BUDGET_MS,
): () => Promise<readonly SourceState[]> {
  let startedMs = Number.NEGATIVE_INFINITY;
  let round: Promise<readonly SourceState[]> | undefined;
  return async () => {
    const nowMs = performance.now();
    if (round === undefined || nowMs - startedMs > maxAgeMs) {
      startedMs = nowMs;
      const asked = institutions().filter(({ status }) => status === 'ACTIVE');
      round = Promise.all([...asked].sort((a, b) => (a.id < b.id ? -1 : 1)).map(probe));
    }
    return round;
  };
}

async function probe({ id, endpoint }: AskedInstitution): Promise<SourceState> {
  const startMs = performance.now();
  const limits = { budgetMs: BUDGET_MS, maxBytes: MAX_ANSWER_BYTES };
  const status = await Promise.resolve()
    .then(() => exchangeJson(nodeUrl(endpoint, 'health'), { method: 'GET' }, limits))
    .then(
      () => 'OK' as const,
      (thrown: unknown) => (thrown instanceof NodeFailure ? thrown.status : 'UNREACHABLE'),
    );
  return { institution: id, status, latencyMs: Math.round(performance.now() - startMs) };
}
