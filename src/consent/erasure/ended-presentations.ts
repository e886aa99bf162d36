import DataLoader from 'dataloader';
import { inArray, lte, sql } from 'drizzle-orm';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import { type Database, rowsOf, type SqlTransaction } from '../../store/database.js';
import { presentationEnded } from '../tables/table-ended.js';
import { presentation } from '../tables/table-presentation.js';

/** A presentation that ended before its time. */
export interface Ended {
  readonly holder: string;
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  readonly handle: string;
  readonly at: Seconds;
}

/** What a holder had shown here that was withdrawn or erased, and would still live otherwise. */
export type ReadEnded = (holder: string) => Promise<readonly Ended[]>;

/**
 * Makes the reader of one node. All who ask in one turn of the event loop are one SQL statement:
 * a withdrawal wakes everybody who waits.
 *
 * @param now - in seconds; what has expired by then is not told.
 */
export function createEndedReader(db: Database, now: () => Seconds): ReadEnded {
  const loader = new DataLoader<string, readonly Ended[]>(
    async (holders) => {
      const rows = await db.transaction((tx) => endedOf(tx, holders, now()), 'read');
      const byHolder = new Map<string, Ended[]>(holders.map((holder) => [holder, []]));
      for (const row of rows) byHolder.get(row.holder)?.push(row);
      return holders.map((holder) => byHolder.get(holder) ?? []);
    },
    { cache: false },
  );
  return (holder) => loader.load(holder);
}

async function endedOf(
  tx: SqlTransaction,
  holders: readonly string[],
  now: Seconds,
): Promise<readonly Ended[]> {
  const asked = [...new Set(holders)];
  const mine = inArray(presentation.holder, asked);
  const found = await tx.execute(sql`
    SELECT holder, study, nym AS pseudonym, handle, min(at)::text AS at FROM (
      SELECT p.holder, p.study, p.nym, p.handle, p.expires, e.at
        FROM (SELECT * FROM presentation WHERE ${mine} AND statement <> 'accreditation') p
        JOIN feed_entry e ON e.handle = p.handle
      UNION ALL
      SELECT p.holder, p.study, p.nym, p.handle, p.expires, h.at
        FROM (SELECT * FROM presentation WHERE ${mine} AND statement <> 'accreditation') p
        JOIN withdrawal_held h ON h.handle = p.handle
      UNION ALL
      SELECT holder, study, nym, handle, expires, at FROM presentation_ended
        WHERE ${inArray(presentationEnded.holder, asked)}
    ) ended
    WHERE expires > ${now}
    GROUP BY holder, study, nym, handle
    ORDER BY min(at), handle`);
  return rowsOf<Omit<Ended, 'at'> & { at: string }>(found).map(({ at, ...rest }) => {
    return { ...rest, at: Number(at) };
  });
}

/** Notes presentations that are deleted before their time; forgets those that would have ended by now. */
export async function noteEnded(
  tx: SqlTransaction,
  deleted: readonly (typeof presentation.$inferSelect)[],
  now: Seconds,
): Promise<void> {
  await tx.delete(presentationEnded).where(lte(presentationEnded.expires, now));
  const rows = deleted.flatMap(({ id, holder, study, nym, handle, expires }) => {
    if (study === null || expires <= now) return [];
    return [{ id, holder, study, nym, handle, expires, at: now }];
  });
  if (rows.length === 0) return;
  await tx.insert(presentationEnded).values(rows).onConflictDoNothing();
}
