import { parseSignals, type Signals } from '../../zk/statement.js';
import type { VerifiedStatement } from '../../zk/verify/verify.js';
import type { ShownProof } from '../../zk/verify/verify-batch.js';

/** One proof of a presentation on its way through the gate's checks. */
export class Candidate implements ShownProof {
  /** Its place in the presentation, from 0. */
  readonly index: number;
  readonly publicSignals: ShownProof['publicSignals'];
  readonly proof: unknown;
  /** Set by the last check alone. */
  verified: VerifiedStatement | undefined;
  #signals: Signals | undefined;

  constructor(item: unknown, index: number) {
    const { publicSignals, proof } = Object(item) as ShownProof;
    this.index = index;
    this.publicSignals = publicSignals;
    this.proof = proof;
  }

  /** The proof itself is read by the verifier alone. @throws DomainError PROOF_MALFORMED, FIELD_OUT_OF_RANGE */
  get signals(): Signals {
    this.#signals ??= parseSignals(this.publicSignals);
    return this.#signals;
  }
}
