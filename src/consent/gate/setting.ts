import type { Clock } from '../../core/clock.js';
import type { FairTurns } from '../../core/fair/fair-turns.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { Database } from '../../store/database.js';
import type { Statement } from '../../zk/statement.js';
import type { Verdict, VerifyingLimits } from '../../zk/verify/verify.js';
import type { ShownProof } from '../../zk/verify/verify-batch.js';
import type { GateParameters } from './parameters.js';

/** What the gate needs to know of the revocation feeds, from memory. */
export interface FeedGuard {
  /**
   * @throws DomainError FEED_GAP while a copy is too far behind what its institution anchored, FEED_FORKED
   * if it stays so; LEDGER_* without a ledger to tell.
   */
  requireComplete(): void;
}

/** What the gate of one node needs. */
export interface GateSetting {
  readonly db: Database;
  readonly institution: InstitutionId;
  /** The newest view of the ledger. @throws DomainError LEDGER_* if there is none to decide on. */
  readonly snapshot: () => LedgerSnapshot;
  readonly feed: FeedGuard;
  /** zk's verifyStatements. */
  readonly verify: (
    statement: Statement,
    shown: readonly ShownProof[],
    limits: VerifyingLimits,
  ) => Promise<readonly Verdict[]>;
  /** zk's isKeyInForce. */
  readonly isKeyInForce: (statement: Statement, keyHash: string) => boolean;
  readonly clock: Clock;
  readonly parameters: GateParameters;
  /** Limits how many requests are read at once, and orders the rest. */
  readonly turns: FairTurns;
  readonly log?: Logger | undefined;
}
