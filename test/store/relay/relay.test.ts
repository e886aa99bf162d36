import { MessageChannel } from 'node:worker_threads';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importRefusal } from '../../../src/consent/tables/table-import-job.js';
import { DomainError } from '../../../src/core/errors.js';
import { columnsFrom } from '../../../src/store/columns.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { openPostgres } from '../../../src/store/postgres.js';
import { remoteDatabase } from '../../../src/store/relay/remote-database.js';
import { serveDatabase } from '../../../src/store/relay/serve-database.js';
import { IS_LONG } from '../../support/is-long.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../../support/store/postgres-server.js';

let postgres: PostgresServer | undefined;
afterAll(() => postgres?.stop());

const ENGINES = [
  { engine: 'pglite', skip: false, open: () => openFreshPglite() },
  {
    engine: 'postgres',
    skip: !HAS_POSTGRES || !IS_LONG,
    async open(): Promise<DatabaseServer> {
      postgres = await startPostgres();
      return openPostgres({ url: postgres.url, poolSize: 3 });
    },
  },
] as const;

describe.each(ENGINES)('a database of another thread, on $engine,', ({ skip, open }) => {
  let server: DatabaseServer;
  let db: Database;
  let remote: Database;
  let channel: MessageChannel;
  let served: ReturnType<typeof serveDatabase>;
  beforeAll(async () => {
    if (skip) return;
    server = await open();
    db = await server.open('riverside-hospital');
    channel = new MessageChannel();
    served = serveDatabase(db, channel.port1);
    remote = remoteDatabase(channel.port2, db);
  });
  afterAll(async () => {
    channel?.port1.close();
    await server?.close();
  });

  const row = (ordinal: number) =>
    ({ job: 'j', ordinal, path: "'ü\n", code: 'BAD_INPUT', detail: '' }) as const;
  const all = async (from: Database) =>
    from.transaction(
      (tx) => tx.select().from(importRefusal).orderBy(importRefusal.ordinal),
      'read',
    );
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (failure: unknown) => (failure instanceof DomainError ? failure.code : String(failure)),
    );

  test.skipIf(skip)('reads and writes as the database itself does', async () => {
    await remote.transaction(async (tx) => {
      await tx.insert(importRefusal).values([row(1), row(2)]);
      const told = await tx
        .update(importRefusal)
        .set({ detail: 'x' })
        .where(eq(importRefusal.ordinal, 2))
        .returning({ ordinal: importRefusal.ordinal });
      expect(told).toEqual([{ ordinal: 2 }]);
    });
    expect(await all(remote)).toEqual(await all(db));
    expect(await all(remote)).toEqual([row(1), { ...row(2), detail: 'x' }]);
    const typed = sql`SELECT 1::bigint AS big, now() AS at, '{"a":1.10}'::jsonb AS json,
      ARRAY['a'] AS list, NULL AS nothing, decode('00ff', 'hex') AS bytes, 1.5::numeric AS n`;
    const [own] = rowsOf(await db.transaction((tx) => tx.execute(typed)));
    const [theirs] = rowsOf(await remote.transaction((tx) => tx.execute(typed)));
    const at = expect.anything();
    expect({ ...(theirs as object), at, bytes: at }).toEqual({ ...(own as object), at, bytes: at });
    expect(rowsOf(await remote.read('SELECT count(*)::int AS n FROM import_refusal'))).toEqual([
      { n: 2 },
    ]);
  });

  test.skipIf(skip)('takes rows by columns in binary', async () => {
    const columns = { job: 'text', ordinal: 'integer', path: 'text', code: 'text', detail: 'text' };
    const rows = Array.from({ length: 700 }, (_, at) => ['c', at, 'ü中🩺', 'BAD_INPUT', "';--"]);
    const count = await remote.transaction(async (tx) => {
      await tx.execute(sql`INSERT INTO import_refusal ${columnsFrom(columns, rows)}`);
      return tx.select().from(importRefusal).where(eq(importRefusal.job, 'c'));
    });
    expect(count).toHaveLength(700);
    expect(count[9]?.path).toBe('ü中🩺');
    await db.transaction((tx) => tx.delete(importRefusal).where(eq(importRefusal.job, 'c')));
  });

  test.skipIf(skip)('takes back what fails, and tells a code alone', async () => {
    const before = await all(db);
    const failing = (how: string) =>
      remote.transaction(async (tx) => {
        await tx.insert(importRefusal).values(row(3));
        if (how === 'statement') await tx.execute(sql`SELECT ${'secret'}::int`);
        else throw new DomainError('FHIR_DELETED');
      });
    expect(await codeOf(failing('statement'))).toBe('DATABASE_FAILED');
    const told = await failing('statement').catch((failure: Error) => failure);
    expect(JSON.stringify([told, String(told), (told as Error).cause])).not.toContain('secret');
    expect(await codeOf(failing('throw'))).toBe('FHIR_DELETED');
    expect(await all(db)).toEqual(before);
    const write = (mode: 'read') =>
      remote.transaction((tx) => tx.insert(importRefusal).values(row(4)), mode);
    expect(await codeOf(write('read'))).toBe('DATABASE_FAILED');
  });

  test.skipIf(skip)('takes back what is open when the other thread ends', async () => {
    const before = await all(db);
    const stuck = remote.transaction(async (tx) => {
      await tx.insert(importRefusal).values(row(5));
      channel.port2.close();
      await new Promise((resolve) => channel.port2.once('close', resolve));
      await tx.execute('SELECT 1');
    });
    expect(await codeOf(stuck)).toBe('SOURCE_FAILED');
    await served.ended;
    expect(await all(db)).toEqual(before);
  });
});
