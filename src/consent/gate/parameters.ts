const HOUR = 3_600;
const DAY = 24 * HOUR;

/**
 * The gate's limits, in seconds; the same at every node of a network. How long a superseded root is
 * accepted is not among them: institutions vote on it, and it is in the ledger's snapshot.
 */
export interface GateParameters {
  /** How far ahead of this node's clock a prover's may be. */
  readonly aheadSeconds: number;
  /** How old a proof may be when it is presented. */
  readonly proofAgeSeconds: number;
  /** How long after its proof a presentation of a consent may last. */
  readonly lifeSeconds: number;
  /** How long after its proof an accreditation opens anything. */
  readonly accreditationLifeSeconds: number;
  /** How long verifying the proofs of one presentation may take, including the wait for others. */
  readonly verifyingSeconds: number;
}

/** @source docs/protocol.md, "From a proof to a row" and "The ledger" */
export const GATE_PARAMETERS: GateParameters = {
  aheadSeconds: 60,
  proofAgeSeconds: 24 * HOUR,
  lifeSeconds: 7 * DAY,
  accreditationLifeSeconds: 24 * HOUR,
  verifyingSeconds: 60,
};

/** Proofs in one presentation, and secrets in one withdrawal, at most. */
export const MAX_PROOFS = 1_000;
