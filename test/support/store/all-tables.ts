import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';

const SOURCES = join(import.meta.dirname, '../../../src');

/** Every table that there is, from the files that the migration is made of. */
export async function allTables(): Promise<readonly PgTable[]> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)table[\w-]*\.ts$/.test(name),
  );
  const modules = await Promise.all(
    files.map((name) => import(pathToFileURL(join(SOURCES, name)).href)),
  );
  return modules.flatMap((module: object) =>
    Object.values(module).filter((value): value is PgTable => is(value, PgTable)),
  );
}
