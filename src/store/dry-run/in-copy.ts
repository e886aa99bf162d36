import { sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { migrateSchema } from '../migrations.js';
import { COPY_ENDING, dropCopyOf } from './copy-schema.js';

/**
 * Works in a copy of the tables, which is dropped at the end, in transactions as short as they would be.
 *
 * @param copied - the tables that something is decided by; the others are empty there.
 */
export async function inCopy<T>(
  db: Database,
  copied: readonly string[],
  work: (copy: Database) => Promise<T>,
): Promise<T> {
  await dropCopy(db);
  try {
    return await work(await makeCopy(db, copied));
  } finally {
    await dropCopy(db);
  }
}

async function dropCopy(db: Database): Promise<void> {
  await db.transaction((tx) => tx.execute(sql.raw(dropCopyOf(db.schema))));
}

async function makeCopy(db: Database, copied: readonly string[]): Promise<Database> {
  const schema = `${db.schema}${COPY_ENDING}`;
  const copy: Database = {
    engine: db.engine,
    schema,
    transaction: (work, mode) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`SET LOCAL search_path TO ${sql.identifier(schema)}`);
        return work(tx);
      }, mode),
    read: (statement) => copy.transaction((tx) => tx.execute(sql.raw(statement)), 'read'),
  };
  await db.transaction((tx) =>
    migrateSchema((statement) => tx.execute(sql.raw(statement)), schema),
  );
  for (const table of copied) {
    const from = sql`${sql.identifier(db.schema)}.${sql.identifier(table)}`;
    // One in each transaction: nobody waits for all of them.
    await copy.transaction((tx) =>
      tx.execute(sql`INSERT INTO ${sql.identifier(table)} SELECT * FROM ${from}`),
    );
  }
  return copy;
}
