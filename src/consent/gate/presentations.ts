import { and, eq, lte, sql } from 'drizzle-orm';
import { sha256Hex } from '../../core/canonical.js';
import { invariant } from '../../core/errors.js';
import type { Seconds } from '../../core/time.js';
import { type Database, rowsOf, type SqlTransaction } from '../../store/database.js';
import { signalsToWire } from '../../zk/statement.js';
import type { VerifiedStatement } from '../../zk/verify/verify.js';
import { presentationEnded } from '../tables/table-ended.js';
import { presentation } from '../tables/table-presentation.js';
import { stillStandsInDatabase } from './gate-checks.js';
import type { PresentationPlaintext } from './request.js';

/** A stored presentation. */
export type PresentationRow = typeof presentation.$inferSelect;

/** Rows in one INSERT: each has 19 parameters, and the wire protocol counts to 65,535. */
const ROWS_PER_INSERT = 1_000;

/**
 * Stores verified statements, and deletes those that ended. A statement presented before is the
 * same row: a replay changes only its epoch and key, which were judged again. The parameter's type
 * accepts only verified statements.
 *
 * @param epochOf - the epoch under which a root was accepted just now.
 */
export async function storePresentations(
  tx: SqlTransaction,
  verified: readonly VerifiedStatement[],
  plaintext: PresentationPlaintext,
  epochOf: (root: bigint) => number,
): Promise<void> {
  const { expiresAt, ...shared } = plaintext;
  await tx.delete(presentation).where(lte(presentation.expires, shared.presentedAt));
  await tx.delete(presentationEnded).where(lte(presentationEnded.expires, shared.presentedAt));
  const rowOf = ({ statement, signals, keyHash }: VerifiedStatement) => ({
    ...shared,
    id: sha256Hex([statement, ...signalsToWire(signals)].join('|')),
    statement,
    nym: signals.nym.toString() as PresentationRow['nym'],
    handle: signals.handle.toString(),
    root: signals.root.toString(),
    epoch: epochOf(signals.root),
    keyHash,
    asOf: Number(signals.asOf),
    expires: expiresAt(Number(signals.asOf)),
  });
  // PostgreSQL refuses to update a row twice in one statement.
  const rows = [...new Map(verified.map(rowOf).map((row) => [row.id, row])).values()];
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT);
    await tx
      .insert(presentation)
      .values(some)
      .onConflictDoUpdate({
        target: presentation.id,
        set: {
          epoch: sql`greatest(${presentation.epoch}, excluded.epoch)`,
          keyHash: sql`excluded.key_hash`,
        },
      });
  }
}

/**
 * Every presentation of a holder that has neither ended nor been withdrawn, in one statement.
 * Whether its root and key are still accepted is not checked here.
 */
export async function livePresentations(
  tx: SqlTransaction,
  holder: string,
  now: Seconds,
): Promise<readonly PresentationRow[]> {
  return tx
    .select()
    .from(presentation)
    .where(and(eq(presentation.holder, holder), stillStandsInDatabase(tx, now)));
}

/**
 * A stamp that differs after each committed change of presentations or withdrawals, whichever code
 * made it: triggers count them (note_gate_change in src/store/triggers.sql). The newest id is not
 * enough: of two transactions the first to begin may be the last to commit.
 */
export async function changeStamp(db: Database): Promise<string> {
  const found = await db.read(
    'SELECT count(*)::text AS count, coalesce(sum(id), 0)::text AS sum FROM gate_change',
  );
  const [row] = rowsOf<{ count: string; sum: string }>(found);
  invariant(row, 'an aggregate has a row');
  return `${row.count} ${row.sum}`;
}
