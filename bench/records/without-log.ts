import type { Database, SqlTransaction } from '../../src/store/database.js';

/**
 * A database that is only read, for comparison: a hospital without a disclosure log. Records write
 * nothing else, so what is not read is not asked at all.
 */
export function withoutLog(db: Database): Database {
  return {
    ...db,
    transaction: (work, mode) => (mode === 'read' ? db.transaction(work, mode) : work(NOTHING)),
  };
}

const NOTHING = {
  execute: async () => ({ rows: [] }),
  insert: () => ({ values: async () => [] }),
} as unknown as SqlTransaction;
