import type { Curve } from 'ffjavascript';
import { DomainError } from '../core/errors.js';
import { parseProof } from './proof.js';
import { parseSignals, type Signals } from './statement.js';
import { type Candidate, type GroupWork, judgeGroup } from './verify-group.js';
import type { VerifyingTime } from './verify-time.js';

/** A proof and what it is said to be a proof of, as they came from a wire. */
export interface ShownProof {
  /** Canonical decimals, in the order of PUBLIC_SIGNALS. */
  readonly publicSignals: readonly string[];
  /** Anything; only snarkjs's exact JSON form is read. */
  readonly proof: unknown;
}

/** The signals that a proof holds for, or why it was refused. */
export type Judgement = Signals | DomainError;

/**
 * Proofs whose equations are checked in one. A larger group saves under 3 % of a proof's time, and
 * a wrong proof in it costs more.
 */
const GROUP = 64;

/** One failed check for this many proofs may be spent on looking for wrong ones. */
const PROOFS_PER_FAILURE = 16;

/**
 * Decides proofs of one statement, each as if it were alone.
 *
 * Groups are checked in one equation, which only saves work while most proofs hold. Whoever shows
 * many wrong ones would make the search for them dearer than no groups at all; so the failed checks
 * of a call are counted, and when they are used up every proof is checked by itself: a check for
 * each proof and a sixteenth on top is the most that any input costs.
 *
 * @returns in the order shown; VERIFYING_TIMEOUT for those that the time was too short for.
 */
export async function judgeProofs(
  { curve, key }: Pick<GroupWork, 'curve' | 'key'>,
  shown: readonly ShownProof[],
  time: VerifyingTime,
): Promise<readonly Judgement[]> {
  const judged: (Judgement | undefined)[] = shown.map(() => undefined);
  const failuresLeft = Math.ceil(shown.length / PROOFS_PER_FAILURE);
  const decide = ({ index, signals }: Candidate, holds: boolean) => {
    judged[index] = holds ? signals : new DomainError('PROOF_INVALID');
  };
  const work: GroupWork = { curve, key, time, decide, failuresLeft };
  try {
    for (let first = 0; first < shown.length; first += GROUP) {
      const candidates: Candidate[] = [];
      for (const [i, one] of shown.slice(first, first + GROUP).entries()) {
        await time.step();
        const candidate = parseShown(curve, one, first + i);
        if (candidate instanceof DomainError) judged[first + i] = candidate;
        else candidates.push(candidate);
      }
      await judgeGroup(work, candidates);
    }
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return judged.map((judgement) => judgement ?? thrown);
  }
  return judged.map((judgement) => judgement ?? new DomainError('PROOF_INVALID'));
}

function parseShown(
  curve: Curve,
  { publicSignals, proof }: ShownProof,
  index: number,
): Candidate | DomainError {
  try {
    const signals = parseSignals(publicSignals);
    return { index, signals, points: parseProof(curve, proof) };
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown;
    throw thrown;
  }
}
