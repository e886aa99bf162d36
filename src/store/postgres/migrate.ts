import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { rowsOf, type SqlTransaction, type TransactionMode } from '../database.js';
import { migrateSchema } from '../migrations.js';

/** Held while a schema is migrated, so that two nodes starting at once do not both create it. */
const MIGRATION_LOCK = 0x61737374;

const ASK_AGAIN_MS = 200;

type Transact = <T>(work: (tx: SqlTransaction) => Promise<T>, mode?: TransactionMode) => Promise<T>;

/**
 * Migrates a schema in one transaction, one process after another. The lock is the transaction's and
 * ends with it: behind a pooler, a session's lock would stay with a session that nobody has.
 *
 * @param onWait - heard once, if another process has the lock.
 * @throws DomainError STATE_OTHER_VERSION, DATABASE_*
 */
export async function migrateAlone(
  transact: Transact,
  schema: string,
  onWait: () => void,
): Promise<void> {
  for (let asked = 0; ; asked += 1) {
    const isDone = await transact(async (tx) => {
      const locked = await tx.execute(
        sql`SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK}) AS free`,
      );
      if (!rowsOf<{ free: boolean }>(locked)[0]?.free) return false;
      await migrateSchema((statement) => tx.execute(sql.raw(statement)), schema);
      return true;
    });
    if (isDone) return;
    if (asked === 0) onWait();
    await delay(ASK_AGAIN_MS);
  }
}
