/** A consent that a custodian ended: nothing that came by it may be used any more. */
export interface EndedConsent {
  readonly pseudonym: string;
  /** Of the consent, a canonical decimal: its proof's public signal. */
  readonly handle: string;
  /** When that custodian learnt of it, ISO 8601. */
  readonly endedAt: string;
  /** The institution that tells it. */
  readonly custodian: string;
}

/** One answer. */
export interface ToldWithdrawals {
  /** Told here for the first time since following began, and presented. */
  readonly ended: readonly EndedConsent[];
  /** Of consents that were never presented: no honest custodian tells these. Look at who does. */
  readonly strange: readonly EndedConsent[];
  /** Where to follow on from: keep it. Null until there was a row. */
  readonly cursor: string | null;
  /** While false, an institution may know of withdrawals that are not told. */
  readonly complete: boolean;
  /** Whether an institution began again, so that rows of before come once more. */
  readonly repeated: boolean;
}
