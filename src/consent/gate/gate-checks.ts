import { and, eq, gt, inArray, notExists, or, type SQL, sql } from 'drizzle-orm';
import type { ErrorCode } from '../../core/error-codes.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { SqlTransaction } from '../../store/database.js';
import { isVerifiedStatement, type Verdict } from '../../zk/verify/verify.js';
import type { ShownProof } from '../../zk/verify/verify-batch.js';
import { isWithdrawn } from '../feed/store.js';
import { feedEntry } from '../tables/table-feed.js';
import { withdrawalHeld } from '../tables/table-held.js';
import { presentation } from '../tables/table-presentation.js';
import type { Candidate } from './candidate.js';
import {
  requireAcceptedRoot,
  requireExpiry,
  requireHolder,
  requireNotWithdrawn,
  requireRequest,
  requireTimely,
} from './checks.js';
import type { Asked, GateStatement } from './request.js';
import type { GateSetting } from './setting.js';

/** The inputs of the checks, read once for all proofs of a presentation. */
export interface Deciding {
  readonly setting: GateSetting;
  readonly asked: Asked;
  readonly now: Seconds;
  readonly snapshot: LedgerSnapshot;
  /**
   * Runs in the caller's turn. One verdict per proof, in order; each verdict is independent of the
   * others.
   */
  readonly verify: (shown: readonly ShownProof[]) => Promise<readonly Verdict[]>;
}

/** Why a proof is refused: a thrown error. Undefined: the check holds. */
type Objection = unknown;

/** The parts of a stored presentation that can end it early. */
export type Ground = Pick<
  typeof presentation.$inferSelect,
  'statement' | 'root' | 'epoch' | 'keyHash'
>;

/** What the checks that are repeated with every request need. */
export interface Standing {
  readonly setting: GateSetting;
  readonly now: Seconds;
  readonly snapshot: LedgerSnapshot;
}

/** One check of the gate. */
export interface GateCheck {
  readonly name: string;
  /** What holds if it passes, for schema/gate-checks.md. */
  readonly holds: string;
  /** What it refuses with. */
  readonly codes: readonly ErrorCode[];
  /** What it costs: the node's memory alone, one statement for all proofs, or the verifier. */
  readonly needs: 'memory' | 'database' | 'proof';
  readonly statements: readonly GateStatement[];
  /** One answer for each candidate, in order. */
  readonly judge: (
    candidates: readonly Candidate[],
    deciding: Deciding,
  ) => readonly Objection[] | Promise<readonly Objection[]>;
  /**
   * Repeated for stored presentations with every request. False: it ended, and the caller is not
   * told why.
   */
  readonly stands?: (ground: Ground, standing: Standing) => boolean;
  /** The same within the one SQL statement that reads what is stored. */
  readonly where?: (tx: SqlTransaction, now: Seconds) => SQL | undefined;
  /**
   * Repeated likewise. Throws while this node cannot decide: then the presentation is neither open
   * nor ended.
   */
  readonly requireDecidable?: (setting: GateSetting) => void;
}

const BOTH = ['consent', 'accreditation'] as const;
const CONSENT = ['consent'] as const;

const SHAPE: GateCheck = {
  name: 'shape',
  holds: 'six public signals, each a canonical decimal below the field order',
  codes: ['PROOF_MALFORMED', 'FIELD_OUT_OF_RANGE'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }) => signals),
};

const ROOT: GateCheck = {
  name: 'root',
  holds: 'anchored on this ledger, and not ended for this statement',
  codes: ['ROOT_UNKNOWN', 'ROOT_STALE'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }, { snapshot, now, asked: { statement } }) =>
    requireAcceptedRoot(signals.root, snapshot, { nowSeconds: now, statement }),
  ),
  // Judged by the epoch in which it was presented: a later epoch with the same root does not count.
  stands({ root, epoch, statement }, { snapshot, now }) {
    const worth = snapshot.acceptsRoot(
      { root: BigInt(root), epoch },
      { nowSeconds: now, statement },
    );
    return worth === 'CURRENT' || worth === 'SUPERSEDED';
  },
};

const FEED: GateCheck = {
  name: 'feed',
  holds: 'this node knows all withdrawals that others anchored',
  codes: ['FEED_GAP', 'FEED_FORKED'],
  needs: 'memory',
  statements: CONSENT,
  judge: ofEach((_, { setting }) => setting.feed.requireComplete()),
  requireDecidable: ({ feed }) => feed.requireComplete(),
};

const MADE: GateCheck = {
  name: 'asOf',
  holds: 'made at most a day ago, and at most a minute ahead of this clock',
  codes: ['PROOF_FROM_FUTURE', 'PROOF_TOO_OLD'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }, { now, setting }) => requireTimely(signals, now, setting.parameters)),
};

const EXPIRY: GateCheck = {
  name: 'expires',
  holds:
    'a consent is shown until a time within seven days of its proof, and after now; an accreditation is ' +
    'shown for a day from its proof',
  codes: ['EXPIRY_TOO_FAR', 'CONSENT_EXPIRED'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }, { asked: { expires }, now, setting: { parameters } }) => {
    if (expires !== undefined)
      requireExpiry(expires, { asOf: Number(signals.asOf), now }, parameters);
  }),
  where: (_, now) => gt(presentation.expires, now),
};

const REQUEST: GateCheck = {
  name: 'request',
  holds: 'is for the plaintext that was sent, hashed here',
  codes: ['PURPOSE_MISMATCH', 'REQUEST_MISMATCH'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }, { asked }) =>
    requireRequest(signals, asked.requestAt(signals.asOf), asked.purposeOf),
  ),
};

const HOLDER: GateCheck = {
  name: 'holder',
  holds: 'made for the key that will sign the tokens',
  codes: ['HOLDER_MISMATCH'],
  needs: 'memory',
  statements: BOTH,
  judge: ofEach(({ signals }, { asked }) => requireHolder(signals, asked.holder)),
};

const WITHDRAWAL: GateCheck = {
  name: 'withdrawal',
  holds: 'its withdrawal secret was not published, at any institution',
  codes: ['CONSENT_WITHDRAWN'],
  needs: 'database',
  statements: CONSENT,
  async judge(candidates, { setting: { db } }) {
    const handles = candidates.map(({ signals }) => signals.handle.toString());
    const withdrawn =
      handles.length > 0
        ? await db.transaction((tx) => isWithdrawn(tx, handles), 'read')
        : new Set<string>();
    return candidates.map(({ signals }) =>
      objectionOf(() => requireNotWithdrawn(signals, withdrawn)),
    );
  },
  // How a withdrawal reaches a presentation that is kept in memory: a trigger on feed_entry and
  // withdrawal_held counts changes (src/store/triggers.sql), and live-presentations.ts reads the
  // rows again when the count is another.
  where: isNotWithdrawn,
};

const PROOF: GateCheck = {
  name: 'proof',
  holds: 'the Groth16 proof verifies with the key of its statement',
  codes: [
    'PROOF_MALFORMED',
    'PROOF_INVALID',
    'VERIFYING_TIMEOUT',
    'VERIFIER_FAILED',
    'RATE_LIMITED',
  ],
  needs: 'proof',
  statements: BOTH,
  async judge(candidates, { verify }) {
    const verdicts = await verify(candidates).catch((fault: unknown) =>
      candidates.map(() => fault),
    );
    return candidates.map((candidate, i) => {
      const verdict = verdicts[i];
      // Everything that is not a verified statement is a refusal, also a missing one or a fault of
      // ours.
      if (!isVerifiedStatement(verdict)) return verdict ?? new TypeError('no verdict');
      candidate.verified = verdict;
      return undefined;
    });
  },
  // Checked for the key with which it was verified.
  stands: ({ statement, keyHash }, { setting }) => setting.isKeyInForce(statement, keyHash),
};

/**
 * The gate: all that a proof must pass before it opens a row, in the protocol's order, from the cheapest
 * to the most expensive. `judge` runs all of them when a proof is shown; `openPermits` asks those again
 * with every request whose answer may have changed since.
 *
 * @source docs/protocol.md, "From a proof to a row"
 */
export const GATE_CHECKS: readonly GateCheck[] = [
  SHAPE,
  ROOT,
  FEED,
  MADE,
  EXPIRY,
  REQUEST,
  HOLDER,
  WITHDRAWAL,
  PROOF,
];

/** Whether a stored presentation still holds, as far as this node can tell from memory. */
export function stillStands(ground: Ground, standing: Standing): boolean {
  return GATE_CHECKS.every((check) => {
    const isSpared = sparedBy(check).some((statement) => statement === ground.statement);
    return isSpared || (check.stands?.(ground, standing) ?? true);
  });
}

/** Which stored presentations did not end, as far as the database knows. */
export function stillStandsInDatabase(tx: SqlTransaction, now: Seconds): SQL | undefined {
  return and(
    ...GATE_CHECKS.map((check) => {
      const stands = check.where?.(tx, now);
      const spared = sparedBy(check);
      if (stands === undefined || spared.length === 0) return stands;
      return or(inArray(presentation.statement, spared), stands);
    }),
  );
}

/**
 * The statements to which a check does not apply. Listed explicitly, so that every check applies to
 * a new statement by default.
 */
function sparedBy({ statements }: GateCheck): GateStatement[] {
  return BOTH.filter((statement) => !statements.includes(statement));
}

/** @throws DomainError while this node cannot decide whether consents still hold. */
export function requireDecidable(setting: GateSetting): void {
  for (const check of GATE_CHECKS) check.requireDecidable?.(setting);
}

/** A check that looks at one proof at a time, and throws to refuse it. */
function ofEach(
  require: (candidate: Candidate, deciding: Deciding) => unknown,
): GateCheck['judge'] {
  return (candidates, deciding) =>
    candidates.map((candidate) => objectionOf(() => require(candidate, deciding)));
}

function objectionOf(require: () => unknown): Objection {
  try {
    require();
    return undefined;
  } catch (thrown) {
    return thrown ?? new TypeError('nothing was thrown');
  }
}

function isNotWithdrawn(tx: SqlTransaction): SQL | undefined {
  const one = { one: sql`1` };
  const published = tx.select(one).from(feedEntry).where(eq(feedEntry.handle, presentation.handle));
  const held = tx
    .select(one)
    .from(withdrawalHeld)
    .where(eq(withdrawalHeld.handle, presentation.handle));
  return and(notExists(published), notExists(held));
}
