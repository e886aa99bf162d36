import { sql } from 'drizzle-orm';
import { type Database, rowsOf } from './database.js';

/** How many rows an institution's table has. For the node's operator, never for an answer. */
export async function countRows(db: Database, table: string): Promise<number> {
  const counted = await db.transaction(
    (tx) => tx.execute(sql`SELECT count(*)::int AS rows FROM ${sql.identifier(table)}`),
    'read',
  );
  return rowsOf<{ rows: number }>(counted)[0]?.rows ?? 0;
}
