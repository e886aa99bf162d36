import { sql } from 'drizzle-orm';
import type { Database } from '../database.js';

/** One of a pair of numbers that name an advisory lock; the other is the schema's. */
const IMPORT_LOCK = 0x696d706f;

/**
 * A database in which the transactions of several imports follow one another: what one reads to
 * decide is still true when it writes. Everything else runs concurrently.
 */
export function oneImportAtATime(db: Database): Database {
  return {
    ...db,
    transaction: (work, mode = 'write') =>
      db.transaction(async (tx) => {
        if (mode === 'write') {
          await tx.execute(
            sql`SELECT pg_advisory_xact_lock(${IMPORT_LOCK}::int, hashtext(${db.schema}))`,
          );
        }
        return work(tx);
      }, mode),
  };
}
