import { desc, eq } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { EVIDENCE_LOGS, type EvidenceLog } from '../../core/evidence/evidence.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import type { Bytes32 } from '../base/digest.js';
import { sizeOf } from '../evidence/seal.js';
import { type Feed, knownFeedOf } from '../feed/feed.js';
import { preimageOf } from '../feed/own-digest.js';
import { requireReached } from '../feed/reached.js';
import { tipOf } from '../feed/store.js';
import { lastIndex } from '../shard/leaf-store.js';
import { feedDigest, restoreAccepted } from '../tables/table-feed.js';

/** How far a database is behind what its institution has anchored. */
export interface Restored {
  /** What the institution has on the ledger, and this database never prepared. */
  readonly digest: Bytes32;
  /** This institution's anchors, as the ledger counts them. */
  readonly anchors: number;
  /** How many of them this database has. */
  readonly known: number;
  /** When the newest digest here was prepared: what came later is not here. Undefined if there is none. */
  readonly endsAt: Seconds | undefined;
  /** When the digest on the ledger was anchored. */
  readonly anchoredAt: Seconds;
  /** Leaves of the shard that are here; places above were given to consents that are lost. */
  readonly leaves: number;
  /** Entries of the evidence logs that are here. */
  readonly entries: Readonly<Record<EvidenceLog, number>>;
}

/**
 * Requires that this database is not older than what its institution has on the ledger: every digest is
 * stored before it is anchored, so one that is not here was made by a database now lost. A restored
 * backup would otherwise serve what was erased, and anchor logs that leave out entries.
 *
 * @throws DomainError RESTORED_OLD, until `assent register accept-restore`.
 */
export function requireNotRestored(db: Database, own: LedgerInstitution): Promise<void> {
  return db.transaction((tx) => requireAnchored(tx, own), 'read');
}

/**
 * The same while the node runs. What it anchored may be seen on the ledger only later, and a replica that lacks the
 * last commits may take the place of its database: nothing may be appended or sealed behind an older end.
 *
 * @throws DomainError RESTORED_OLD, and what the ledger watch throws.
 */
export async function requireStillWhole(tx: SqlTransaction, feed: Feed): Promise<void> {
  const known = knownFeedOf(feed, feed.institution);
  const own = feed.ledger().institutions.find(({ id }) => id === feed.institution);
  if (own !== undefined) await requireAnchored(tx, own);
  requireReached(feed, await tipOf(tx, feed.institution), known);
}

async function requireAnchored(tx: SqlTransaction, own: LedgerInstitution): Promise<void> {
  const restored = await restoredOf(tx, own);
  if (restored === undefined || restored === 'ACCEPTED') return;
  const { anchors, known } = restored;
  throw new DomainError('RESTORED_OLD', { institution: own.id, anchors, known });
}

/**
 * For an operator's command: lets the node go on with a database that is older than what it anchored.
 * That it did stays here for ever, and the other institutions see it in the logs.
 *
 * @returns what is here; all else is lost.
 * @throws DomainError BAD_INPUT if the database is not behind, or was accepted before.
 */
export function acceptRestored(
  db: Database,
  own: LedgerInstitution,
  at: Seconds,
): Promise<Restored> {
  return db.transaction(async (tx) => {
    const restored = await restoredOf(tx, own);
    if (restored === undefined || restored === 'ACCEPTED') {
      throw new DomainError('BAD_INPUT', { restored: false });
    }
    const { digest, anchors, known, entries } = restored;
    const { DISCLOSURES: disclosures, RECORDS: records } = entries;
    await tx.insert(restoreAccepted).values({ digest, anchors, known, disclosures, records, at });
    return restored;
  });
}

async function restoredOf(
  tx: SqlTransaction,
  { anchors, lastAnchor }: LedgerInstitution,
): Promise<Restored | 'ACCEPTED' | undefined> {
  if (lastAnchor === undefined) return undefined;
  const digest = lastAnchor.digest as Bytes32;
  if ((await preimageOf(tx, digest)) !== undefined) return undefined;
  const same = eq(restoreAccepted.digest, digest);
  if ((await tx.select().from(restoreAccepted).where(same)).length > 0) return 'ACCEPTED';
  const [newest] = await tx.select().from(feedDigest).orderBy(desc(feedDigest.number)).limit(1);
  const sizes = { DISCLOSURES: 0, RECORDS: 0 };
  for (const log of EVIDENCE_LOGS) sizes[log] = await sizeOf(tx, log);
  return {
    digest,
    anchors,
    anchoredAt: lastAnchor.anchoredAt,
    entries: sizes,
    known: newest === undefined ? 0 : Math.min(newest.round + 1, anchors),
    endsAt: newest?.at,
    leaves: await lastIndex(tx),
  };
}
