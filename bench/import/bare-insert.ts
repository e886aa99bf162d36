import { sql } from 'drizzle-orm';
import { canonicalJson, sha256Hex } from '../../src/core/canonical.js';
import type { Database } from '../../src/store/database.js';

/** Rows in each INSERT, as many as an import sends. */
const ROWS = 500;

/** The columns of the resource table for those JSON texts, made before any clock runs. */
export function bareRows(lines: readonly string[]) {
  return lines.map((json) => {
    const { resourceType, id } = JSON.parse(json) as { resourceType: string; id: string };
    return { type: resourceType, id, hash: sha256Hex(canonicalJson(JSON.parse(json))), json };
  });
}

/**
 * What the database takes if nobody looks at what it is given: the same JSON into the same table,
 * by INSERT from unnest, a transaction each. No record is made of it and nothing is looked up.
 */
export async function insertBare(db: Database, rows: ReturnType<typeof bareRows>): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS) {
    const part = rows.slice(from, from + ROWS);
    const column = (name: keyof (typeof part)[number]) => sql.param(part.map((row) => row[name]));
    await db.transaction((tx) =>
      tx.execute(sql`
        INSERT INTO resource (server, type, id, source, hash, deleted, json)
        SELECT '', type, id, 'bare', hash, false, json::json FROM unnest(${column('type')}::text[],
          ${column('id')}::text[], ${column('hash')}::text[], ${column('json')}::text[])
          AS row(type, id, hash, json)`),
    );
  }
}
