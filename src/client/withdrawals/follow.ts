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

/** Default seconds that a question waits: the most that gateways allow. */
const DEFAULT_WAIT_SECONDS = 25;

export interface Following {
  readonly study: string;
  /** The cursor kept from earlier; without one, everything is reported from the beginning. */
  readonly after?: string | null;
  /** Whether this consent was presented; make it with `presentedIn`. */
  readonly wasPresented: (consent: EndedConsent) => boolean;
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** 0 to 25; default 25. */
  readonly waitSeconds?: number;
  /**
   * Called each time no answer came, with the pause that follows, milliseconds. Until an answer
   * comes, nothing is known.
   */
  readonly onFailure?: (failure: DomainError, pauseMs: number) => void;
}

const Page = z.object({
  edges: z.array(
    z.object({
      cursor: z.string(),
      node: z.object({
        pseudonym: z.string(),
        handle: z.string(),
        endedAt: z.string(),
        custodian: z.object({ id: z.string() }),
      }),
    }),
  ),
  repeated: z.boolean(),
  complete: z.boolean(),
});

/**
 * Repeatedly asks which of the presented consents ended; each question waits for news. Every answer
 * is yielded, even an empty one, which shows that the gateway still answers.
 *
 * What custodians repeat is reported once. A custodian that repeats rows, or answers at once with
 * nothing, cannot cause questions without a pause. After a failure the next question comes after
 * `Retry-After`, or after a pause that doubles up to a minute.
 *
 * @returns once the signal is aborted.
 * @throws failures that asking again cannot resolve: BAD_INPUT for a cursor that was never issued,
 *   TOKEN_*.
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
