import { sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Clock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Database, SqlTransaction } from '../../store/database.js';

/** One institution's register: its database, its name, and the time its rules go by. */
export interface RegisterContext {
  readonly db: Database;
  readonly institution: InstitutionId;
  readonly clock: Clock;
}

/**
 * Makes the transactions that call this for one table wait for each other, and no others. Needed
 * where the next row depends on the last one: an index, a serial, a chained head.
 */
export async function lockAgainstWriters(tx: SqlTransaction, table: PgTable): Promise<void> {
  await tx.execute(sql`LOCK TABLE ${table} IN SHARE UPDATE EXCLUSIVE MODE`);
}

/** Makes every statement of a transaction see one state. Before the first query of it. */
export async function readOneState(tx: SqlTransaction): Promise<void> {
  await tx.execute(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`);
}
