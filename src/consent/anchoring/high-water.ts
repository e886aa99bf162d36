import { eq } from 'drizzle-orm';
import type { HighWaterMark, HighWaterStore } from '../../ledger/watch/high-water.js';
import type { Database } from '../../store/database.js';
import { ledgerMark } from '../tables/table-register.js';

const ONLY_ROW = 1;

/** Keeps the ledger's high-water mark in the institution's own database, beyond the ledger's reach. */
export function databaseHighWater(db: Database): HighWaterStore {
  return {
    load: () =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(ledgerMark).where(eq(ledgerMark.id, ONLY_ROW));
        return row && { epoch: row.epoch, root: BigInt(row.root) };
      }, 'read'),
    save: ({ epoch, root }: HighWaterMark) =>
      db.transaction(async (tx) => {
        const mark = { epoch, root: String(root) };
        await tx
          .insert(ledgerMark)
          .values({ id: ONLY_ROW, ...mark })
          .onConflictDoUpdate({ target: ledgerMark.id, set: mark });
      }),
  };
}

/** For an operator's command alone: puts what is final now in place of the mark, or nothing. */
export function replaceMark(db: Database, mark: HighWaterMark | undefined): Promise<void> {
  if (mark !== undefined) return databaseHighWater(db).save(mark);
  return db.transaction(async (tx) => {
    await tx.delete(ledgerMark).where(eq(ledgerMark.id, ONLY_ROW));
  });
}
