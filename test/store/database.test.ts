import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsFrom, listText } from '../../src/store/columns.js';
import { type Database, type DatabaseServer, rowsOf, schemaOf } from '../../src/store/database.js';
import { openDatabaseServer } from '../../src/store/open.js';
import { openPostgres } from '../../src/store/postgres.js';
import {
  HAS_PGBOUNCER,
  type PgbouncerServer,
  startPgbouncer,
} from '../support/store/pgbouncer-server.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../support/store/postgres-server.js';

const folder = mkdtempSync(join(tmpdir(), 'assent-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unavailable = expect.objectContaining({ code: 'DATABASE_UNAVAILABLE' });
const heard: string[] = [];
let postgres: PostgresServer | undefined;
let behind: PostgresServer | undefined;
let pgbouncer: PgbouncerServer | undefined;

/** The same promises on both engines; on PostgreSQL through one connection, so that it is reused. */
const ENGINES = [
  {
    engine: 'pglite',
    through: 'nothing',
    skip: false,
    open: (): Promise<DatabaseServer> =>
      openDatabaseServer({ directory: join(folder, 'pglite'), onStatement: (s) => heard.push(s) }),
  },
  {
    engine: 'postgres',
    through: 'nothing',
    skip: !HAS_POSTGRES,
    async open(): Promise<DatabaseServer> {
      postgres ??= await startPostgres();
      return openPostgres({ url: postgres.url, poolSize: 1, onStatement: (s) => heard.push(s) });
    },
  },
  {
    engine: 'postgres',
    through: 'PgBouncer',
    skip: !HAS_POSTGRES || !HAS_PGBOUNCER,
    async open(): Promise<DatabaseServer> {
      // A server of its own: what one of these suites makes, the other has to make too.
      behind ??= await startPostgres();
      pgbouncer ??= await startPgbouncer(behind.url, { sessions: 1 });
      const { url } = pgbouncer;
      return openPostgres({ url, poolSize: 3, onStatement: (s) => heard.push(s) });
    },
  },
] as const;

afterAll(async () => {
  await pgbouncer?.stop();
  await Promise.all([postgres?.stop(), behind?.stop()]);
});

async function tablesOf(db: Database): Promise<readonly string[]> {
  const result = await db.transaction((tx) =>
    tx.execute(
      sql`SELECT table_name FROM information_schema.tables WHERE table_schema = ${db.schema} ORDER BY 1`,
    ),
  );
  return rowsOf<{ table_name: string }>(result).map((row) => row.table_name);
}

const add = (db: Database, id: number) =>
  db.transaction((tx) => tx.execute(sql`INSERT INTO probe (id) VALUES (${id})`));

async function idsOf(db: Database): Promise<readonly number[]> {
  const result = await db.transaction(
    (tx) => tx.execute(sql`SELECT id FROM probe ORDER BY id`),
    'read',
  );
  return rowsOf<{ id: number }>(result).map(({ id }) => id);
}

describe.each(ENGINES)('a database on $engine through $through', ({ engine, skip, open }) => {
  let server: DatabaseServer;
  let riverside: Database;
  let lakeshore: Database;

  beforeAll(async () => {
    if (skip) return;
    server = await open();
    riverside = await server.open('riverside-hospital');
    lakeshore = await server.open('lakeshore-hospital');
    for (const db of [riverside, lakeshore]) {
      await db.transaction((tx) => tx.execute(sql`CREATE TABLE probe (id integer PRIMARY KEY)`));
    }
  });
  afterAll(() => server?.close());

  test.skipIf(skip)('says what it is', () => {
    expect([server.engine, riverside.engine]).toEqual([engine, engine]);
    expect(riverside.schema).toBe('assent_riverside_hospital');
  });

  test.skipIf(skip)('takes rows by columns just as they were given', async () => {
    const lists = [[], ['a,b', '{', '"', '\\', '', 'NULL', '\n', 'ü', '中', '🩺'], ['x']];
    const columns = { n: 'bigint', said: 'text', list: 'text[]', whole: 'json' };
    const json = '{"b": 1.10, "a":[]}';
    const rows = [
      [-(2 ** 53) + 1, null, listText(lists[0] ?? []), null],
      [0, '', listText(lists[1] ?? []), json],
      [2 ** 53 - 1, "'; DROP TABLE probe; --\\ü中🩺", listText(lists[2] ?? []), json],
    ];
    const told = await riverside.transaction(async (tx) => {
      await tx.execute(
        sql`CREATE TEMPORARY TABLE given (n bigint, said text, list text[], whole json) ON COMMIT DROP`,
      );
      await tx.execute(sql`INSERT INTO given ${columnsFrom(columns, rows)}`);
      return tx.execute(sql`
        SELECT n::text, said, to_json(list) AS list, whole::text FROM given ORDER BY given.n`);
    });
    expect(rowsOf(told)).toEqual(
      rows.map(([n, said, , whole], at) => ({ n: String(n), said, list: lists[at], whole })),
    );
  });

  test.skipIf(skip)(
    'refuses a column that its type cannot read, and all rows with it',
    async () => {
      const rows = [
        [1, '{}'],
        [2, '{"a":'],
      ];
      const insert = riverside.transaction(async (tx) => {
        await tx.execute(sql`CREATE TABLE half (n bigint, whole json)`);
        await tx.execute(
          sql`INSERT INTO half ${columnsFrom({ n: 'bigint', whole: 'json' }, rows)}`,
        );
      });
      await expect(insert).rejects.toThrow();
      expect(await tablesOf(riverside)).not.toContain('half');
    },
  );

  test.skipIf(skip)('gives every institution all tables, in a schema of its own', async () => {
    const tables = await tablesOf(riverside);
    expect(tables).toContain('migration');
    expect(tables).toContain('register_leaf');
    expect(await tablesOf(lakeshore)).toEqual(tables);
  });

  test.skipIf(skip)('migrates once, however often it is opened', async () => {
    const migrations = () =>
      riverside.transaction(async (tx) =>
        rowsOf<{ n: number }>(await tx.execute(sql`SELECT count(*)::int AS n FROM migration`)),
      );
    const before = await migrations();
    await add(riverside, 1000);
    await server.open('riverside-hospital');
    expect(await migrations()).toEqual(before);
    expect(await idsOf(riverside)).toContain(1000);
  });

  test.skipIf(skip)('refuses a schema of another version by name', async () => {
    const other = await server.open('other-version');
    await other.transaction((tx) => tx.execute(sql`UPDATE migration SET hash = 'another'`));
    await expect(server.open('other-version')).rejects.toMatchObject({
      code: 'STATE_OTHER_VERSION',
    });
  });

  test.skipIf(skip)('can be opened by two at once', async () => {
    const [first, second] = await Promise.all([
      server.open('helix-pharma'),
      server.open('helix-pharma'),
    ]);
    expect(await tablesOf(first)).toContain('register_leaf');
    expect(await tablesOf(second)).toEqual(await tablesOf(first));
  });

  test.skipIf(skip)('keeps institutions apart, also when they take turns', async () => {
    await Promise.all([add(riverside, 1), add(lakeshore, 2), add(riverside, 3), add(lakeshore, 4)]);
    expect(await idsOf(riverside)).toEqual(expect.arrayContaining([1, 3]));
    expect(await idsOf(lakeshore)).toEqual([2, 4]);
  });

  test.skipIf(skip)('leaves no search path behind, after an error neither', async () => {
    const stranger = await server.open('corner-pharmacy');
    await add(riverside, 5);
    await expect(idsOf(stranger)).rejects.toThrow();
    await expect(add(riverside, 5)).rejects.toThrow();
    await expect(idsOf(stranger)).rejects.toThrow();
    await expect(
      riverside.transaction(async () => {
        throw new Error('ours');
      }),
    ).rejects.toThrow('ours');
    await expect(idsOf(stranger)).rejects.toThrow();
    const path = await stranger.transaction((tx) => tx.execute(sql`SHOW search_path`));
    expect(rowsOf<{ search_path: string }>(path)[0]?.search_path).toBe('assent_corner_pharmacy');
  });

  test.skipIf(skip)('undoes all of a transaction that throws', async () => {
    const before = await idsOf(riverside);
    const broken = riverside.transaction(async (tx) => {
      await tx.execute(sql`INSERT INTO probe (id) VALUES (77)`);
      throw new Error('half-way');
    });
    await expect(broken).rejects.toThrow('half-way');
    expect(await idsOf(riverside)).toEqual(before);
  });

  test.skipIf(skip)('refuses to write while it reads', async () => {
    const before = await idsOf(riverside);
    const write = riverside.transaction(
      (tx) => tx.execute(sql`INSERT INTO probe (id) VALUES (88)`),
      'read',
    );
    // 25006 is SQL's read_only_sql_transaction.
    await expect(write).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      facts: { sqlState: '25006' },
    });
    expect(await idsOf(riverside)).toEqual(before);
    await add(riverside, 88);
    expect(await idsOf(riverside)).toContain(88);
  });

  test.skipIf(skip)('tells its listener of every statement', async () => {
    heard.length = 0;
    await idsOf(riverside);
    expect(heard.filter((statement) => statement.includes('FROM probe'))).toHaveLength(1);
  });

  test.skipIf(skip)('keeps its rows over a restart', async () => {
    await server.close();
    server = await open();
    riverside = await server.open('riverside-hospital');
    lakeshore = await server.open('lakeshore-hospital');
    await server.ping();
    expect(await idsOf(lakeshore)).toEqual([2, 4]);
  });
});

describe('a database that is not there', () => {
  test('is named as such: nobody listens', async () => {
    const url = 'postgresql://assent:secret@127.0.0.1:1/assent';
    const opened = openDatabaseServer({ url });
    await expect(opened).rejects.toThrow(unavailable);
    await expect(opened).rejects.not.toThrow('secret');
  });

  test('is named as such: its folder is a file', async () => {
    const directory = join(folder, 'file');
    writeFileSync(directory, '');
    await expect(openDatabaseServer({ directory })).rejects.toThrow(unavailable);
  });
});

describe.skipIf(!HAS_POSTGRES)('a PostgreSQL server', () => {
  test('is migrated by one of two nodes that start at once, each with its own pool', async () => {
    postgres ??= await startPostgres();
    const { url } = postgres;
    const servers = await Promise.all([openPostgres({ url }), openPostgres({ url })]);
    const [first, second] = await Promise.all(servers.map((one) => one.open('sixth-hospital')));
    expect(first === undefined ? [] : await tablesOf(first)).toContain('register_leaf');
    expect(second === undefined ? [] : await tablesOf(second)).toContain('register_leaf');
    await Promise.all(servers.map((one) => one.close()));
  });

  test('with another password is refused as unavailable', async () => {
    postgres ??= await startPostgres();
    const url = postgres.url.replace(/:[0-9a-f]{32}@/, ':wrong@');
    await expect(openPostgres({ url })).rejects.toThrow(unavailable);
  });

  test('that stops under a pool is unavailable, and the process lives on', async () => {
    const own = await startPostgres();
    const server = await openPostgres({ url: own.url });
    const db = await server.open('riverside-hospital');
    await own.stop();
    await expect(server.ping()).rejects.toThrow(unavailable);
    await expect(server.open('lakeshore-hospital')).rejects.toThrow(unavailable);
    await expect(db.transaction(async () => 1)).rejects.toThrow(unavailable);
    await server.close();
  });
});

test('a schema is named after its institution', () => {
  expect(schemaOf('riverside-hospital')).toBe('assent_riverside_hospital');
});
