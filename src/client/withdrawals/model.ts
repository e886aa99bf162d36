/**
 * A consent that a custodian reports as withdrawn: data released under it may no longer be used.
 */
export interface EndedConsent {
  readonly pseudonym: string;
  /** The consent's handle, a canonical decimal: a public signal of its proof. */
  readonly handle: string;
  /** When that custodian learned of it, ISO 8601. */
  readonly endedAt: string;
  /** The institution that reports it. */
  readonly custodian: string;
}

/** One answer. */
export interface ToldWithdrawals {
  /** Presented consents reported for the first time since following began. */
  readonly ended: readonly EndedConsent[];
  /** Consents that were never presented: no honest custodian reports these, so check who does. */
  readonly strange: readonly EndedConsent[];
  /** Keep it, to continue from here later. Null until the first row. */
  readonly cursor: string | null;
  /** While false, an institution may know of withdrawals that are not reported here. */
  readonly complete: boolean;
  /** Whether an institution started again, so that earlier rows are repeated. */
  readonly repeated: boolean;
}
