import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Database, type DatabaseServer, rowsOf } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres.js';
import { IS_LONG } from '../support/is-long.js';
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

const SCRIPT = fileURLToPath(new URL('../support/store/lease-holder.ts', import.meta.url));
/** What a machine that is busy with other suites adds to what the store promises. */
const BUSY_MS = 6_000;
const TAKEOVER_MS = 10_000 + BUSY_MS;

interface Holder {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly said: () => string;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(url: string, name: string): Holder {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, url, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, said: () => said };
}

const untilSaid = (holder: Holder, word: string, timeout = 20_000) =>
  expect.poll(holder.said, { timeout, interval: 20 }).toContain(word);

const WAYS = [
  { through: 'nothing', skip: !HAS_POSTGRES },
  { through: 'PgBouncer', skip: !HAS_POSTGRES || !HAS_PGBOUNCER },
];

/** What waits for a lease to run out; test/faults/database-owner does so with whole nodes in every run. */

describe.each(WAYS)('a schema that one process works in, through $through', ({ through, skip }) => {
  let postgres: PostgresServer;
  let pgbouncer: PgbouncerServer | undefined;
  let url: string;
  let watching: DatabaseServer;
  let db: Database;

  beforeAll(async () => {
    if (skip) return;
    postgres = await startPostgres();
    if (through === 'PgBouncer') pgbouncer = await startPgbouncer(postgres.url, { sessions: 12 });
    url = pgbouncer?.url ?? postgres.url;
    // As a command beside the node: it takes no lease.
    watching = await openPostgres({ url: postgres.url });
    db = await watching.open('riverside-hospital');
    await db.transaction((tx) => tx.execute(sql`CREATE TABLE written (holder text NOT NULL)`));
  }, 60_000);
  afterAll(async () => {
    await watching?.close();
    await pgbouncer?.stop();
    await postgres?.stop();
  });

  async function writtenBy(name: string): Promise<number> {
    const counted = await db.transaction((tx) =>
      tx.execute(sql`SELECT count(*)::int AS n FROM written WHERE holder = ${name}`),
    );
    return rowsOf<{ n: number }>(counted)[0]?.n ?? 0;
  }

  test.skipIf(skip)(
    'is refused to a second, and given on at once by one that ends',
    async () => {
      const first = start(url, 'first');
      await untilSaid(first, 'holds');
      const second = start(url, 'second');
      expect(await second.ended).toBe(1);
      expect(second.said()).toContain('ALREADY_RUNNING');
      expect(await writtenBy('second')).toBe(0);
      expect(await writtenBy('first')).toBeGreaterThan(0);

      first.child.kill('SIGTERM');
      expect(await first.ended).toBe(0);
      const third = start(url, 'third');
      await untilSaid(third, 'holds');
      expect(third.said()).not.toContain('waits');
    },
    60_000,
  );

  test.skipIf(skip || !IS_LONG || through !== 'nothing')(
    'is had by the next within 10 s after kill -9',
    async () => {
      const first = start(url, 'killed');
      await untilSaid(first, 'holds', 40_000);
      first.child.kill('SIGKILL');
      const killed = Date.now();
      const next = start(url, 'next');
      await untilSaid(next, 'holds', TAKEOVER_MS);
      expect(Date.now() - killed).toBeLessThan(TAKEOVER_MS);
      expect(next.said()).toContain('waits for lease');
    },
    60_000,
  );

  test.skipIf(skip || !IS_LONG)(
    'is not written by one that was frozen while another took it',
    async () => {
      const frozen = start(url, 'frozen');
      await untilSaid(frozen, 'holds', 40_000);
      await delay(300);
      frozen.child.kill('SIGSTOP');
      const next = start(url, 'after-frozen');
      await untilSaid(next, 'holds', 2 * TAKEOVER_MS);
      const before = await writtenBy('frozen');
      expect(before).toBeGreaterThan(0);
      frozen.child.kill('SIGCONT');
      expect(await frozen.ended).toBe(75);
      expect(frozen.said()).toContain('lost');
      expect(await writtenBy('frozen')).toBe(before);
      const sofar = await writtenBy('after-frozen');
      await expect.poll(() => writtenBy('after-frozen')).toBeGreaterThan(sofar);
    },
    90_000,
  );

  test.skipIf(skip)(
    'is not written by one that has not heard yet that it lost it',
    async () => {
      let lost = 0;
      const server = await openPostgres({ url, onLeaseLost: () => (lost += 1) });
      const own = await server.open('lakeshore-hospital', { alone: true });
      const write = (id: number) =>
        own.transaction((tx) => tx.execute(sql`INSERT INTO mark VALUES (${id})`));
      await own.transaction((tx) => tx.execute(sql`CREATE TABLE mark (id integer)`));
      await write(1);
      const beside = await watching.open('lakeshore-hospital');
      await beside.transaction((tx) =>
        tx.execute(sql`UPDATE process_lease SET holder = 'another'`),
      );
      await expect(write(2)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      await expect(own.read('SELECT 1')).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(lost).toBe(1);
      const marks = await beside.transaction((tx) => tx.execute(sql`SELECT id FROM mark`));
      expect(rowsOf(marks)).toEqual([{ id: 1 }]);
      await server.close();
      // What it gave back was not its own any more.
      const row = await beside.transaction((tx) =>
        tx.execute(sql`SELECT holder FROM process_lease`),
      );
      expect(rowsOf(row)).toEqual([{ holder: 'another' }]);
    },
    60_000,
  );

  test.skipIf(skip)(
    'is not taken while a write of the last holder is under way',
    async () => {
      const first = await openPostgres({ url });
      const own = await first.open('harbor-hospital', { alone: true });
      const beside = await watching.open('harbor-hospital');
      const second = await openPostgres({ url });
      let taken = false;
      let taking: Promise<void> | undefined;
      await own.transaction(async (tx) => {
        await tx.execute(sql`SELECT 1`);
        await beside.transaction((other) =>
          other.execute(sql`UPDATE process_lease SET until = now()`),
        );
        taking = second.open('harbor-hospital', { alone: true }).then(() => {
          taken = true;
        });
        await delay(1_200);
        expect(taken).toBe(false);
      });
      await taking;
      expect(taken).toBe(true);
      await expect(own.transaction((tx) => tx.execute(sql`SELECT 1`))).rejects.toMatchObject({
        code: 'LEASE_LOST',
      });
      await first.close();
      await second.close();
    },
    60_000,
  );

  test.skipIf(skip || through !== 'nothing')(
    'is kept over a restart of the server',
    async () => {
      const holder = start(url, 'restarted');
      await untilSaid(holder, 'holds', 40_000);
      await postgres.restart();
      const before = await writtenBy('restarted');
      await expect.poll(() => writtenBy('restarted'), { timeout: 15_000 }).toBeGreaterThan(before);
      expect(holder.child.exitCode).toBeNull();
    },
    60_000,
  );
});
