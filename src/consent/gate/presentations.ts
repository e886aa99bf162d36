import { and, eq, gt, lte, notExists, or, sql } from 'drizzle-orm';
import { sha256Hex } from '../../core/canonical.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { signalsToWire } from '../../zk/statement.js';
import type { VerifiedStatement } from '../../zk/verify.js';
import { feedEntry } from '../feed/table-feed.js';
import { presentation } from './table-presentation.js';

/** A stored presentation. */
export type PresentationRow = typeof presentation.$inferSelect;

/** What a row says beside the public signals: the same for every proof of one presentation. */
export type PresentationPlaintext = Omit<
  PresentationRow,
  'id' | 'statement' | 'nym' | 'handle' | 'root' | 'asOf' | 'expires'
> & { readonly expiresAt: (asOf: Seconds) => Seconds };

/** Rows in one INSERT: each has 17 parameters, and the wire protocol counts to 65,535. */
const ROWS_PER_INSERT = 1_000;

/**
 * Stores statements that verified, and forgets those that ended. A statement shown before is the
 * same row, so a replay changes nothing. Only what was verified fits the parameter.
 */
export async function storePresentations(
  tx: SqlTransaction,
  verified: readonly VerifiedStatement[],
  plaintext: PresentationPlaintext,
): Promise<void> {
  const { expiresAt, ...shared } = plaintext;
  await tx.delete(presentation).where(lte(presentation.expires, shared.presentedAt));
  const rows = verified.map(({ statement, signals }) => ({
    ...shared,
    id: sha256Hex([statement, ...signalsToWire(signals)].join('|')),
    statement,
    nym: signals.nym.toString() as PresentationRow['nym'],
    handle: signals.handle.toString(),
    root: signals.root.toString(),
    asOf: Number(signals.asOf),
    expires: expiresAt(Number(signals.asOf)),
  }));
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT);
    await tx.insert(presentation).values(some).onConflictDoNothing();
  }
}

/**
 * Every presentation of a holder that has neither ended nor been withdrawn, in one statement.
 * Whether its root still stands is for the snapshot to say.
 */
export async function livePresentations(
  tx: SqlTransaction,
  holder: string,
  now: Seconds,
): Promise<readonly PresentationRow[]> {
  return tx
    .select()
    .from(presentation)
    .where(isLive(tx, holder, now));
}

/** What stampOf says of the rows that livePresentations would read, without reading them. */
export async function livingStamp(
  tx: SqlTransaction,
  holder: string,
  now: Seconds,
): Promise<string> {
  const [row] = await tx
    .select({
      count: sql<string>`count(*)::text`,
      sum: sql<string>`coalesce(sum(('x' || left(${presentation.id}, 13))::bit(52)::bigint), 0)::text`,
    })
    .from(presentation)
    .where(isLive(tx, holder, now));
  return `${row?.count} ${row?.sum}`;
}

/** Two sets of presentations have the same stamp only if they are the same: ids are SHA-256. */
export function stampOf(rows: readonly Pick<PresentationRow, 'id'>[]): string {
  const sum = rows.reduce((total, { id }) => total + BigInt(`0x${id.slice(0, 13)}`), 0n);
  return `${rows.length} ${sum}`;
}

function isLive(tx: SqlTransaction, holder: string, now: Seconds) {
  const withdrawal = tx
    .select({ one: sql`1` })
    .from(feedEntry)
    .where(eq(feedEntry.handle, presentation.handle));
  return and(
    eq(presentation.holder, holder),
    gt(presentation.expires, now),
    or(eq(presentation.statement, 'accreditation'), notExists(withdrawal)),
  );
}
