import { DomainError } from '../../core/errors.js';
import { pointsOf, readProof } from '../proof.js';
import { parseSignals } from '../statement.js';
import type { ReadProof } from './packed-proof.js';
import { type Candidate, type GroupWork, judgeGroup } from './verify-group.js';

/** A proof and what it is said to be a proof of, as they came from a wire. */
export interface ShownProof {
  /** Canonical decimals, in the order of PUBLIC_SIGNALS. */
  readonly publicSignals: readonly string[];
  /** Anything; only snarkjs's exact JSON form is read. */
  readonly proof: unknown;
}

/** What the equation says of a proof. */
export type ProofVerdict = 'HOLDS' | 'PROOF_INVALID' | 'PROOF_MALFORMED';

/** One failed check for this many proofs may be spent on looking for wrong ones. */
const PROOFS_PER_FAILURE = 16;

/**
 * Reads what was shown, and refuses at once what needs no pairing to be refused.
 *
 * @returns the refusal, PROOF_MALFORMED or FIELD_OUT_OF_RANGE, where it cannot be read.
 */
export function readShown({ publicSignals, proof }: ShownProof): ReadProof | DomainError {
  try {
    return { signals: parseSignals(publicSignals), coordinates: readProof(proof) };
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown;
    throw thrown;
  }
}

/**
 * Decides proofs of one statement, each as if it were alone.
 *
 * They are checked in one equation, which only saves work while most proofs hold. Many wrong ones
 * would make the search for them cost more than single checks; so the failed checks of a call are
 * counted, and when they are used up every proof is checked by itself: a check for each proof and a
 * sixteenth on top is the most that any input costs.
 *
 * @returns in the order shown; PROOF_MALFORMED for a point outside its subgroup.
 */
export function judgeProofs(
  { curve, key }: Pick<GroupWork, 'curve' | 'key'>,
  proofs: readonly ReadProof[],
): readonly ProofVerdict[] {
  const verdicts: ProofVerdict[] = proofs.map(() => 'PROOF_MALFORMED');
  const candidates = proofs.flatMap(({ signals, coordinates }, index): Candidate[] => {
    try {
      return [{ index, signals, points: pointsOf(curve, coordinates) }];
    } catch (thrown) {
      if (thrown instanceof DomainError) return [];
      throw thrown;
    }
  });
  const decide = ({ index }: Candidate, holds: boolean) => {
    verdicts[index] = holds ? 'HOLDS' : 'PROOF_INVALID';
  };
  const failuresLeft = Math.ceil(proofs.length / PROOFS_PER_FAILURE);
  judgeGroup({ curve, key, decide, failuresLeft }, candidates);
  return verdicts;
}
