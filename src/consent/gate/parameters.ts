const HOUR = 3_600;
const DAY = 24 * HOUR;

/**
 * The limits that the gate decides by, alike at every node of a network, in seconds. How long a superseded root
 * serves is not among them: institutions vote on it, and the ledger's snapshot knows.
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
  /** How long the proofs of one presentation may take, waiting for those of others included. */
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
