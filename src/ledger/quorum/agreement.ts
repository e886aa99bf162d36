import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../core/errors.js';
import { isUnsettled, unsettled } from '../read/read.js';

/** What one endpoint answered, or why it did not. `undefined` while it has not. */
export type EndpointAnswer<T> = PromiseSettledResult<T> | undefined;

/** How long the others are waited for once enough have answered: one that hangs must not hold up each reading. */
const GRACE_MS = 250;

/** The number of endpoints that must agree unless a setting says otherwise: more than half. */
export function majorityOf(endpoints: number): number {
  return Math.floor(endpoints / 2) + 1;
}

/** Waits for all, or once `enough` have answered well, for a moment more. In the order asked. */
export async function settleEnough<T>(
  asked: readonly Promise<T>[],
  enough: number,
): Promise<readonly EndpointAnswer<T>[]> {
  const answers: EndpointAnswer<T>[] = asked.map(() => undefined);
  let isEnough: () => void = () => undefined;
  const answeredWell = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  const all = asked.map(async (one, i) => {
    const [answer] = await Promise.allSettled([one]);
    answers[i] = answer;
    if (answers.filter((given) => given?.status === 'fulfilled').length >= enough) isEnough();
  });
  const moment = answeredWell.then(() => sleep(GRACE_MS, undefined, { ref: false }));
  await Promise.race([Promise.all(all), moment]);
  return [...answers];
}

/** What enough endpoints say alike, and which of them do, by their place in the list. */
export interface Agreed<T> {
  readonly value: T;
  readonly members: readonly number[];
}

/**
 * Finds what at least `quorum` endpoints say alike.
 *
 * @param keyOf - alike for what counts as the same.
 * @throws DomainError LEDGER_MISMATCH if so many are on another ledger, or contradict themselves, that the rest are
 * too few; LEDGER_UNAVAILABLE if too few answer or those that do contradict each other; with one endpoint, what it threw.
 */
export function agreeOn<T>(
  answers: readonly EndpointAnswer<T>[],
  quorum: number,
  keyOf: (value: T) => string,
): Agreed<T> {
  const groups = new Map<string, { value: T; members: number[] }>();
  for (const [i, answer] of answers.entries()) {
    if (answer?.status !== 'fulfilled') continue;
    const key = keyOf(answer.value);
    const group = groups.get(key) ?? { value: answer.value, members: [] };
    group.members.push(i);
    groups.set(key, group);
  }
  const [largest] = [...groups.values()].sort((a, b) => b.members.length - a.members.length);
  if (largest !== undefined && largest.members.length >= quorum) return largest;
  throw disagreement(answers, quorum, largest?.members.length ?? 0);
}

function disagreement<T>(
  answers: readonly EndpointAnswer<T>[],
  quorum: number,
  agreeing: number,
): unknown {
  const failures = answers.flatMap((answer) =>
    answer?.status === 'rejected' ? [answer.reason as unknown] : [],
  );
  const mismatches = failures.filter(isMismatch);
  if (answers.length - mismatches.length < quorum) return mismatches[0];
  if (answers.length === 1) return failures[0];
  const silent = failures.filter((thrown) => !isMismatch(thrown) && !isUnsettled(thrown));
  // Asked again at once, a ledger that does not answer would not answer either.
  return answers.length - silent.length - mismatches.length < quorum
    ? new DomainError('LEDGER_UNAVAILABLE', { silent: silent.length, quorum })
    : unsettled({ agreeing, quorum });
}

function isMismatch(thrown: unknown): boolean {
  return thrown instanceof DomainError && thrown.code === 'LEDGER_MISMATCH';
}
