import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Column, sql } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lineOf } from '../../src/cli/process/exit.js';
import { describeFailure } from '../../src/core/describe-failure.js';
import type { Database, DatabaseServer } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres.js';
import { assentInProcess } from '../support/cli/in-process.js';
import { collection, condition, patient } from '../support/records/clinic.js';
import { allTables } from '../support/store/all-tables.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../support/store/postgres-server.js';
import { v2Study } from '../support/trials/studies.js';

/** What stands for a patient's data: no line, answer or error may hold it. */
const CANARY = 'Kestrel-4711';
const NUMBER = 471_147;
const CANARIES = [CANARY, CANARY.toLowerCase(), String(NUMBER)];

function canaryOf(column: Column): unknown {
  if (column.dataType === 'number') return NUMBER;
  if (column.dataType === 'bigint') return BigInt(NUMBER);
  if (column.dataType === 'boolean') return true;
  if (column.dataType === 'date') return new Date('2026-01-01');
  if (column.dataType === 'json') return { name: CANARY };
  if (column.dataType === 'array') return [CANARY];
  return column.dataType === 'buffer' ? Buffer.from(CANARY) : CANARY;
}

const rowFor = (table: PgTable) =>
  Object.fromEntries(
    Object.entries(table).flatMap(([key, column]) =>
      column !== null && typeof column === 'object' && 'dataType' in column
        ? [[key, canaryOf(column as Column)]]
        : [],
    ),
  );

/** Has the server refuse each row of a table, and say the row. */
const BREAK = `
  CREATE OR REPLACE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'refused %', NEW USING DETAIL = NEW::text, HINT = NEW::text;
  END $$`;

async function withBroken<T>(db: Database, name: string, work: () => Promise<T>): Promise<T> {
  const execute = (text: string) => db.transaction((tx) => tx.execute(sql.raw(text)));
  await execute(BREAK);
  await execute(`CREATE TRIGGER a_refusal BEFORE INSERT OR UPDATE ON "${name}"
    FOR EACH ROW EXECUTE FUNCTION refuse_row()`);
  try {
    return await work();
  } finally {
    await execute(`DROP TRIGGER a_refusal ON "${name}"`);
  }
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

/** All that anybody could print of what was thrown. */
function everythingOf(thrown: unknown): string {
  return [
    inspect(thrown, { depth: 20, showHidden: true }),
    JSON.stringify(describeFailure(thrown)),
    lineOf(thrown),
    String((thrown as Error).stack),
  ].join('\n');
}

function expectSilent(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary);
}

const tables = await allTables();

describe.each(['pglite', 'postgres'] as const)('a statement that fails on %s', (engine) => {
  const skip = engine === 'postgres' && !HAS_POSTGRES;
  let postgres: PostgresServer | undefined;
  let server: DatabaseServer;
  let db: Database;

  beforeAll(async () => {
    if (skip) return;
    if (engine === 'postgres') postgres = await startPostgres();
    server =
      postgres === undefined ? await openFreshPglite() : await openPostgres({ url: postgres.url });
    db = await server.open('riverside-hospital');
  }, 60_000);
  afterAll(async () => {
    await server?.close();
    await postgres?.stop();
  });

  test.skipIf(skip).each(tables.map((table) => [getTableConfig(table).name, table] as const))(
    'says nothing of a row of %s, read or written',
    async (name, table) => {
      const row = rowFor(table);
      const written = await withBroken(db, name, () =>
        failureOf(db.transaction((tx) => tx.insert(table).values(row))),
      );
      expect(written).toMatchObject({ code: 'DATABASE_FAILED', facts: { engine } });
      expectSilent(everythingOf(written));

      const read = await failureOf(
        db.transaction(async (tx) => {
          await tx.execute(sql.raw(`ALTER TABLE "${name}" RENAME TO away`));
          return tx.select().from(table).where(sql`${CANARY}::text <> ${NUMBER}::text`);
        }),
      );
      expect(read).toMatchObject({ code: 'DATABASE_FAILED', facts: { sqlState: '42P01' } });
      expectSilent(everythingOf(read));
    },
  );
});

describe.skipIf(!HAS_POSTGRES)('an import by the command line', { timeout: 120_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'assent-canary-'));
  let postgres: PostgresServer;
  let server: DatabaseServer;
  let db: Database;

  beforeAll(async () => {
    postgres = await startPostgres();
    server = await openPostgres({ url: postgres.url });
    db = await server.open('riverside-hospital');
    process.env.DATABASE_URL = postgres.url;
  }, 60_000);
  afterAll(async () => {
    delete process.env.DATABASE_URL;
    await server?.close();
    await postgres?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const BUNDLE = collection(
    { ...patient('patient-1'), name: [{ family: CANARY }] } as never,
    condition('condition-1', 'patient-1', { note: [{ text: CANARY }] }),
  );
  const LINES = BUNDLE.entry?.map(({ resource }) => JSON.stringify(resource)).join('\n') ?? '';
  const STUDY = v2Study('NCT00004711', { descriptionModule: { briefSummary: CANARY } });

  test.each([
    ['fhir', 'bundle.json', JSON.stringify(BUNDLE), 'resource'],
    ['fhir', 'bundle.json', JSON.stringify(BUNDLE), 'patient'],
    ['fhir', 'bundle.json', JSON.stringify(BUNDLE), 'clinical_record'],
    ['fhir', 'lines.ndjson', LINES, 'patient'],
    ['fhir', 'lines.ndjson', LINES, 'import_progress'],
    ['trials', 'trials.json', JSON.stringify([STUDY]), 'trial'],
  ])(
    'of %s from %s says nothing of what the table refuses: %#',
    async (standard, name, text, table) => {
      const file = join(home, name);
      writeFileSync(file, text);
      const args = ['--state-folder', join(home, 'state'), 'import', standard, file];
      const command = [...args, '--institution', 'riverside-hospital'];
      const { code, stdout, stderr } = await withBroken(db, table, () => assentInProcess(command));
      expectSilent(stdout + stderr);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/DATABASE_FAILED.*sqlState P0001/),
      });
    },
  );
});
