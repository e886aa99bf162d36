import { sql } from 'drizzle-orm';
import type { Database, SqlTransaction } from '../database.js';
import { MARK_DRY } from './mark.js';

/** Thrown to take everything back; nobody else sees it. */
class TakenBack extends Error {}

/**
 * Works in one transaction that is rolled back: each part of the work sees what those before it did, and
 * nobody else sees any of it. A part that fails is taken back alone, as a transaction of its own would be.
 *
 * The connection is kept all the while, and so are the locks of the rows that are changed.
 */
export async function rolledBack<T>(
  db: Database,
  work: (within: Database) => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  try {
    await db.transaction(async (tx) => {
      // Files are read and validated in between.
      await tx.execute(sql`SET LOCAL idle_in_transaction_session_timeout = 0`);
      await tx.execute(MARK_DRY);
      result = { value: await work(within(db, tx)) };
      throw new TakenBack();
    });
  } catch (thrown) {
    if (!(thrown instanceof TakenBack)) throw thrown;
  }
  return (result as { readonly value: T }).value;
}

function within(db: Database, tx: SqlTransaction): Database {
  return {
    ...db,
    async transaction(part) {
      await tx.execute(sql`SAVEPOINT part`);
      try {
        const result = await part(tx);
        await tx.execute(sql`RELEASE SAVEPOINT part`);
        return result;
      } catch (thrown) {
        await tx.execute(sql`ROLLBACK TO SAVEPOINT part`);
        throw thrown;
      }
    },
    read: (statement) => tx.execute(sql.raw(statement)),
  };
}
