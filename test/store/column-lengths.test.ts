import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '../../src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /(^|\/)table[\w-]*\.ts$/.test(name),
);
const modules = await Promise.all(
  files.map((name) => import(pathToFileURL(join(SOURCES, name)).href)),
);
const tables = modules.flatMap((module: object) =>
  Object.values(module).filter((value): value is PgTable => is(value, PgTable)),
);

describe('no column has a length that what it holds could be cut to', () => {
  test('there are tables', () => expect(tables.length).toBeGreaterThan(20));

  test.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
    '%s',
    (_, table) => {
      const types = getTableConfig(table).columns.map((column) => column.getSQLType());
      expect(types.filter((type) => /char|\(/.test(type))).toEqual([]);
    },
  );
});
