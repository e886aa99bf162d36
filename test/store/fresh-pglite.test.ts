import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type Database, rowsOf } from '../../src/store/database.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const INSTITUTION = 'riverside-hospital';

/** Everything that a test could find there: the rows of each table, and where each sequence is. */
async function contentOf(db: Database): Promise<unknown> {
  return db.transaction(async (tx) => {
    const relations = rowsOf<{ name: string; kind: string }>(
      await tx.execute(sql`
        SELECT relname AS name, relkind::text AS kind FROM pg_class
        WHERE relnamespace = ${db.schema}::regnamespace AND relkind IN ('r', 'S') ORDER BY 1`),
    );
    const found: unknown[] = [];
    for (const { name, kind } of relations) {
      const what = kind === 'S' ? sql`last_value, is_called` : sql`*`;
      const rows = await tx.execute(sql`SELECT ${what} FROM ${sql.identifier(name)}`);
      found.push([name, rowsOf(rows)]);
    }
    return found;
  });
}

/** Rows of several tables: a trigger notes the first in a table whose ids are a sequence. */
async function fill(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`INSERT INTO feed_entry VALUES ('i', 1, 'w', 'h', 'd', 1)`);
    await tx.execute(
      sql`INSERT INTO study (id, sponsor, field, title) VALUES ('s', 'p', '1', 't')`,
    );
  });
}

test('an engine given back is as new, and what its last test had in hand is closed', async () => {
  const first = await openFreshPglite();
  const before = await first.open(INSTITUTION);
  const asNew = await contentOf(before);
  await fill(before);
  expect(await contentOf(before)).not.toEqual(asNew);
  await first.close();
  await expect(before.transaction(async () => 'late')).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
  await expect(before.read('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });

  const second = await openFreshPglite();
  const after = await second.open(INSTITUTION);
  expect(await contentOf(after)).toEqual(asNew);
  await after.transaction((tx) => tx.execute(sql`CREATE TABLE left_behind (id integer)`));
  await second.close();

  const third = await openFreshPglite();
  expect(await contentOf(await third.open(INSTITUTION))).toEqual(asNew);
  await third.close();
});
