import type { Database } from '../database.js';
import { inCopy } from './in-copy.js';
import { rolledBack } from './rolled-back.js';

/**
 * Works in a database of which nothing stays, whatever happens.
 *
 * PostgreSQL: in one transaction that is rolled back; others see the tables as they are meanwhile. The
 * embedded engine has one connection, which such a transaction would keep from all others: the work is
 * done in a copy of tables, so it is bounded by what is stored and by what comes.
 *
 * @param copied - the tables that the work decides by.
 */
export function dryRun<T>(
  db: Database,
  copied: readonly string[],
  work: (dry: Database) => Promise<T>,
): Promise<T> {
  return db.engine === 'postgres' ? rolledBack(db, work) : inCopy(db, copied, work);
}
