import { sql } from 'drizzle-orm';
import { codeOf } from '../../core/errors.js';
import { type Database, rowsOf, type SqlTransaction } from '../database.js';
import { UNLESS_DRY } from '../dry-run/mark.js';

/** One of a pair of numbers that name an advisory lock; the other is the schema's. */
const IMPORT_LOCK = 0x696d706f;
/** How long one statement waits for its turn. */
const WAIT_MS = 1_000;

/**
 * A database in which the transactions of several imports follow one another: what one reads to decide is
 * still true when it writes. Everything else runs concurrently, a dry run too. An import waits for its turn
 * as long as it takes, in transactions of WAIT_MS: one that is told to stop begins no more.
 */
export function oneImportAtATime(db: Database): Database {
  return {
    ...db,
    async transaction(work, mode = 'write') {
      if (mode !== 'write') return db.transaction(work, mode);
      for (;;) {
        let isWaiting = false;
        try {
          return await db.transaction(async (tx) => {
            isWaiting = true;
            await takeTurn(tx, db.schema);
            isWaiting = false;
            return work(tx);
          });
        } catch (failure) {
          // While it waits it has done nothing yet.
          if (!isWaiting || codeOf(failure) !== 'DATABASE_BUSY') throw failure;
        }
      }
    },
  };
}

/** @throws what the engine throws for a lock that is not free within WAIT_MS. */
async function takeTurn(tx: SqlTransaction, schema: string): Promise<void> {
  const lock = sql`${IMPORT_LOCK}::int, hashtext(${schema})`;
  const tried = await tx.execute(
    sql`SELECT pg_try_advisory_xact_lock(${lock}) AS free WHERE ${UNLESS_DRY}`,
  );
  const [turn] = rowsOf<{ readonly free: boolean }>(tried);
  // Nothing of a dry run stays: nobody waits for it, and it waits for nobody.
  if (turn === undefined || turn.free) return;
  const before = await tx.execute(sql`SELECT current_setting('lock_timeout') AS usual`);
  const [limit] = rowsOf<{ readonly usual: string }>(before);
  await tx.execute(sql`SELECT set_config('lock_timeout', ${String(WAIT_MS)}, true)`);
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${lock})`);
  await tx.execute(sql`SELECT set_config('lock_timeout', ${limit?.usual ?? '0'}, true)`);
}
