import type { Curve } from 'ffjavascript';
import { holdTogether, type Term, termOf } from './pairing-equation.js';
import type { PairingKey } from './pairing-key.js';
import type { ProofPoints } from './proof.js';
import type { Signals } from './statement.js';
import type { VerifyingTime } from './verify-time.js';

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
  readonly time: VerifyingTime;
  /** Told once of every candidate. */
  readonly decide: (candidate: Candidate, holds: boolean) => void;
  /** How many more checks of several proofs may fail; 0 = each is checked by itself. */
  failuresLeft: number;
}

interface Weighed extends Term {
  readonly candidate: Candidate;
}

/** A weight has 128 bits: a wrong proof passes among others for two weights of 2^128, at most. */
const WEIGHT_BYTES = 16;

/**
 * Decides the proofs of a group: all in one equation and, if that fails, by looking for the wrong
 * ones.
 *
 * The weights are drawn here, when no proof can be changed any more: who knew them before could
 * make wrong proofs that make up for each other.
 *
 * @throws VERIFYING_TIMEOUT; what was decided by then stays so.
 */
export async function judgeGroup(work: GroupWork, candidates: readonly Candidate[]): Promise<void> {
  const together = candidates.length > 1 && work.failuresLeft > 0;
  const weighed: Weighed[] = [];
  for (const candidate of candidates) {
    await work.time.step();
    const { points, signals } = candidate;
    const term = termOf(work.curve, points, signals, together ? randomWeight() : 1n);
    weighed.push({ ...term, candidate });
  }
  await search(work, weighed, false);
}

/**
 * Decides weighed proofs, by halves.
 *
 * The same weights serve every half: which halves there are does not hang on them, so that the
 * chance of a wrong answer is at most the sum over the halves. A proof alone is decided exactly,
 * whatever its weight.
 *
 * @param oneIsWrong - known, so that a single proof needs no check.
 * @returns whether all of them hold.
 */
async function search(
  work: GroupWork,
  weighed: readonly Weighed[],
  oneIsWrong: boolean,
): Promise<boolean> {
  if (weighed.length > 1 && work.failuresLeft === 0) return eachAlone(work, weighed);
  const holds = !oneIsWrong && (await check(work, weighed));
  if (holds || weighed.length <= 1) {
    for (const { candidate } of weighed) work.decide(candidate, holds);
    return holds;
  }
  if (!oneIsWrong) work.failuresLeft -= 1;
  const half = weighed.length >> 1;
  const firstHolds = await search(work, weighed.slice(0, half), false);
  await search(work, weighed.slice(half), firstHolds);
  return false;
}

async function eachAlone(work: GroupWork, weighed: readonly Weighed[]): Promise<boolean> {
  let all = true;
  for (const one of weighed) {
    const holds = await check(work, [one]);
    work.decide(one.candidate, holds);
    all &&= holds;
  }
  return all;
}

async function check({ curve, key, time }: GroupWork, terms: readonly Term[]): Promise<boolean> {
  await time.step();
  return holdTogether(curve, key, terms);
}

function randomWeight(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(WEIGHT_BYTES));
  const weight = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return weight === 0n ? randomWeight() : weight;
}
