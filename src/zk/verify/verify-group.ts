import type { Curve } from 'ffjavascript';
import type { ProofPoints } from '../proof.js';
import type { Signals } from '../statement.js';
import { holdTogether, type Term, termOf } from './pairing-equation.js';
import type { PairingKey } from './pairing-key.js';

/** A proof that was parsed, and its place among those shown. */
export interface Candidate {
  readonly index: number;
  readonly points: ProofPoints;
  readonly signals: Signals;
}

/** What the groups of one call are decided with. */
export interface GroupWork {
  readonly curve: Curve;
  readonly key: PairingKey;
  /** Told once of every candidate. */
  readonly decide: (candidate: Candidate, holds: boolean) => void;
  /** How many more checks of several proofs may fail; if none, each is checked by itself. */
  failuresLeft: number;
}

interface Weighed extends Term {
  readonly candidate: Candidate;
}

/** A weight has 128 bits: a wrong proof passes among others for two weights of 2^128, at most. */
const WEIGHT_BYTES = 16;

/**
 * Decides the proofs of a group: all in one equation and, if that fails, by looking for the wrong
 * ones, by halves, level by level.
 *
 * The weights are drawn here, when no proof can be changed any more: an attacker who knew them
 * could make wrong proofs that cancel each other out. They are reused for every half: how the group
 * is halved does not depend on them, so the chance of a wrong answer is at most the sum over the
 * halves. A single proof is decided exactly, whatever its weight.
 */
export function judgeGroup(work: GroupWork, candidates: readonly Candidate[]): void {
  if (candidates.length === 0) return;
  const together = candidates.length > 1 && work.failuresLeft > 0;
  const weighed = weigh(work, candidates, together);
  if (!together) {
    eachAlone(work, weighed);
    return;
  }
  const suspects: (readonly Weighed[])[] = [];
  sift(work, weighed, suspects);
  // Appended to while iterating (breadth-first bisection), so that valid halves are cleared before
  // the failure budget is spent.
  for (const suspect of suspects) {
    const [only] = suspect;
    if (suspect.length === 1 && only !== undefined) work.decide(only.candidate, false);
    else if (work.failuresLeft <= 0) eachAlone(work, suspect);
    else {
      const half = suspect.length >> 1;
      const firstHolds = sift(work, suspect.slice(0, half), suspects);
      // If the first half holds, the wrong one is in the second. If not, the second may fail for
      // once beyond what is left: most likely it holds, and is decided in one check.
      if (firstHolds) suspects.push(suspect.slice(half));
      else sift(work, suspect.slice(half), suspects);
    }
  }
}

function weigh(
  { curve }: GroupWork,
  candidates: readonly Candidate[],
  together: boolean,
): readonly Weighed[] {
  return candidates.map((candidate) => {
    const weight = together ? randomWeight() : 1n;
    return { ...termOf(curve, candidate.points, candidate.signals, weight), candidate };
  });
}

/** Decides some proofs if all of them hold; else they are suspects. @returns whether all hold. */
function sift(
  work: GroupWork,
  some: readonly Weighed[],
  suspects: (readonly Weighed[])[],
): boolean {
  const holds = check(work, some);
  if (holds) for (const { candidate } of some) work.decide(candidate, true);
  else suspects.push(some);
  if (!holds && some.length > 1) work.failuresLeft -= 1;
  return holds;
}

function eachAlone(work: GroupWork, weighed: readonly Weighed[]): void {
  for (const one of weighed) work.decide(one.candidate, check(work, [one]));
}

function check({ curve, key }: GroupWork, terms: readonly Term[]): boolean {
  return holdTogether(curve, key, terms);
}

function randomWeight(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(WEIGHT_BYTES));
  const weight = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return weight === 0n ? randomWeight() : weight;
}
