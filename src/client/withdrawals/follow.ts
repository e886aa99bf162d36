import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { GraphqlAnswer } from '../gateway/gateway.js';
import type { Reader } from '../requester/query.js';
import type { EndedConsent, ToldWithdrawals } from './model.js';
import { pause, pauseAfterFailure, pauseAfterNothing } from './pauses.js';
import { Told } from './told.js';

export const WITHDRAWALS = `query Withdrawals($study: ID!, $after: String, $waitSeconds: Int) {
  withdrawals(study: $study, first: 100, after: $after, waitSeconds: $waitSeconds) {
    edges { cursor node { pseudonym handle endedAt custodian { id } } }
    repeated
    complete
  }
}`;

/** Seconds that a question waits unless given: what gateways allow at most. */
const DEFAULT_WAIT_SECONDS = 25;

export interface Following {
  readonly study: string;
  /** The cursor that was kept; without one, all is told from the beginning. */
  readonly after?: string | null;
  /** Whether this consent was presented: `presentedIn` makes it of presentations. */
  readonly wasPresented: (consent: EndedConsent) => boolean;
  /** Aborted when nobody wants to know any more. */
  readonly signal: AbortSignal;
  /** 0 to 25; 25 unless given. */
  readonly waitSeconds?: number;
  /** Told each time that no answer came, with the pause that follows, milliseconds. Until one comes, nothing is known. */
  readonly onFailure?: (failure: DomainError, pauseMs: number) => void;
}

const Page = z.object({
  edges: z.array(
    z.object({
      cursor: z.string(),
      node: z.object({
        ...{ pseudonym: z.string(), handle: z.string(), endedAt: z.string() },
        custodian: z.object({ id: z.string() }),
      }),
    }),
  ),
  ...{ repeated: z.boolean(), complete: z.boolean() },
});

/**
 * Asks again and again which of the presented consents ended, each question waiting for news. Every answer is
 * yielded, an empty one too: it shows that the gateway still answers.
 *
 * What custodians tell twice is told once. Who repeats rows, or answers at once and with nothing, makes
 * nobody ask without a pause. What fails is asked again after `Retry-After`, or after a pause that doubles up to a minute.
 *
 * @returns once the signal is aborted.
 * @throws what asking again does not help: BAD_INPUT for a cursor that was never given, TOKEN_*.
 */
export async function* followWithdrawals(
  reader: Pick<Reader, 'query'>,
  following: Following,
): AsyncGenerator<ToldWithdrawals, void, undefined> {
  const { signal, waitSeconds = DEFAULT_WAIT_SECONDS, onFailure } = following;
  const told = new Told(following.wasPresented);
  let cursor = following.after ?? null;
  let [failures, without] = [0, 0];
  while (!signal.aborted) {
    const startMs = performance.now();
    const variables = { study: following.study, after: cursor, waitSeconds };
    const answer = await reader.query(WITHDRAWALS, variables, signal).then(readPage).catch(failed);
    if (signal.aborted) return;
    if (answer instanceof DomainError) {
      if (answer.retry !== 'LATER') throw answer;
      failures += 1;
      const pauseMs = pauseAfterFailure(answer, failures);
      onFailure?.(answer, pauseMs);
      await pause(pauseMs, signal);
      continue;
    }
    failures = 0;
    const { edges, ...rest } = answer;
    cursor = edges.at(-1)?.cursor ?? cursor;
    const news = told.news(edges.map(({ node }) => ({ ...node, custodian: node.custodian.id })));
    const elapsedMs = performance.now() - startMs;
    const hasWaited = waitSeconds > 0 && elapsedMs >= (waitSeconds * 1_000) / 2;
    yield { ...news, ...rest, cursor };
    without = news.ended.length > 0 || (edges.length === 0 && hasWaited) ? 0 : without + 1;
    if (without > 0) await pause(pauseAfterNothing(edges.length, without), signal);
  }
}

function readPage({ data, errors }: GraphqlAnswer): z.infer<typeof Page> {
  const parsed = Page.safeParse(data.withdrawals);
  if (parsed.success) return parsed.data;
  throw errors[0] ?? new DomainError('SOURCE_FAILED', { expected: 'withdrawals' });
}

function failed(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  throw thrown;
}
