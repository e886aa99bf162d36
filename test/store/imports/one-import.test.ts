import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stoppable } from '../../../src/cli/import/stoppable.js';
import { codeOf } from '../../../src/core/errors.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import { rolledBack } from '../../../src/store/dry-run/rolled-back.js';
import { oneImportAtATime } from '../../../src/store/imports/one-import.js';
import { openPostgres } from '../../../src/store/postgres.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../../support/store/postgres-server.js';

/** How long the server lets a statement wait for a lock, and a transaction that takes longer. */
const LOCK_MS = 200;
const LONG_MS = 1_500;

describe.skipIf(!HAS_POSTGRES)('imports that take turns on PostgreSQL', () => {
  let postgres: PostgresServer;
  let server: DatabaseServer;
  let db: Database;
  beforeAll(async () => {
    postgres = await startPostgres();
    const times = { lockMs: LOCK_MS };
    server = await openPostgres({ url: postgres.url, poolSize: 4, times });
    db = await server.open('riverside-hospital');
  });
  afterAll(async () => {
    await server?.close();
    await postgres?.stop();
  });

  /** An import whose transaction is open until it is let go. */
  async function holding(within = db) {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let ended: Promise<void> = Promise.resolve();
    await new Promise<void>((begun, failed) => {
      ended = oneImportAtATime(within).transaction(async () => {
        begun();
        await held;
      });
      ended.catch(failed);
    });
    return { letGo, ended };
  }
  const limitIn = (within: Database) =>
    within.transaction(async (tx) => {
      const found = await tx.execute(sql`SELECT current_setting('lock_timeout') AS usual`);
      return (found as unknown as { rows: unknown[] }).rows;
    });

  test('one waits for a transaction that takes longer than a lock may', async () => {
    const first = await holding();
    const second = limitIn(oneImportAtATime(db));
    await delay(LONG_MS);
    first.letGo();
    await first.ended;
    // Of what comes behind its turn, a lock is waited for as long as usual.
    expect(await second).toEqual([{ usual: `${LOCK_MS}ms` }]);
  });

  test('one that waits ends when it is told to stop', async () => {
    const first = await holding();
    const stop = new AbortController();
    const second = limitIn(oneImportAtATime(stoppable(db, stop.signal)));
    stop.abort();
    expect(await second.catch(codeOf)).toBe('STOPPING');
    first.letGo();
    await first.ended;
  });

  test('a lock that the work itself waits for is not waited for once more', async () => {
    const runs: number[] = [];
    const first = await holding();
    const busy = oneImportAtATime({ ...db, schema: 'another' }).transaction(async (tx) => {
      runs.push(1);
      await tx.execute(
        sql`SELECT pg_advisory_xact_lock(${0x696d706f}::int, hashtext(${db.schema}))`,
      );
    });
    expect(await busy.catch(codeOf)).toBe('DATABASE_BUSY');
    expect(runs).toEqual([1]);
    first.letGo();
    await first.ended;
  });

  test('a dry run keeps no import waiting, and none keeps it', async () => {
    await rolledBack(db, async (dry) => {
      await oneImportAtATime(dry).transaction(async () => undefined);
      const started = performance.now();
      await limitIn(oneImportAtATime(db));
      expect(performance.now() - started).toBeLessThan(1_000);
      const other = await holding();
      await oneImportAtATime(dry).transaction(async () => undefined);
      other.letGo();
      await other.ended;
    });
  });
});
