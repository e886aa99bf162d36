import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRows } from '../../../src/store/count-rows.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { TRIALS } from '../../support/cli/delivery.js';
import { ImportingNode } from '../../support/cli/importing-node.js';
import { RIVERSIDE } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;
let node: ImportingNode;
/** While it is closed, what imports store waits in the middle of its transaction. */
let gate: Promise<void> = Promise.resolve();
let open: () => void = () => undefined;
const close = () => {
  gate = new Promise((resolve) => {
    open = resolve;
  });
};

/** Whether an import's thread asks for it: the audit's and the jobs' own go on. */
const isOfImport = () => /serve-database/.test(new Error().stack ?? '');

beforeAll(async () => {
  server = await openFreshPglite();
  const real = await server.open(RIVERSIDE);
  db = {
    ...real,
    async transaction(work, mode) {
      if (isOfImport() && mode !== 'read') await gate;
      return real.transaction(work, mode);
    },
  };
  node = await ImportingNode.start(db, { ASSENT_IMPORT_QUEUE: '4' });
});
afterAll(async () => {
  open();
  await node.end();
  await server.close();
});

const TRIAL = {
  query: '?standard=trials',
  headers: { 'content-type': 'application/json' },
};
const hand = async (name: keyof typeof TRIALS) =>
  (await node.hand(TRIALS[name] ?? '', TRIAL)).body.id as string;
const stateOf = async (id: string) => (await node.ask(`/import/${id}`)).body.state;
const cancel = (id: string) => node.ask(`/import/${id}`, { method: 'DELETE' });

/** An upload that has begun and does not end. */
async function beginUpload(): Promise<Socket> {
  const { jwt } = await node.token();
  const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
  const before = (await node.spooled()).length;
  socket.write(
    `POST /import?standard=trials HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${jwt}\r\n` +
      'content-type: application/json\r\ncontent-length: 99\r\n\r\n{"a":',
  );
  while ((await node.spooled()).length === before) await delay(10);
  return socket;
}

describe('imports that are handed in', () => {
  test('run one at a time and in order; more than there is room for are refused, with when to ask', async () => {
    close();
    const first = await hand('a.json');
    await node.until(first, 'RUNNING');
    const second = await hand('c.json');
    const socket = await beginUpload();
    const full = await node.hand(TRIALS['a.json'] ?? '', TRIAL);
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '60']);
    expect(full.body.errors[0].extensions).toMatchObject({ assentCode: 'OVERLOADED' });
    // The last place is another key's.
    const { jwt } = await node.token(node.otherImporter);
    expect((await node.hand(TRIALS['a.json'] ?? '', { ...TRIAL, jwt })).status).toBe(202);
    expect((await node.hand(TRIALS['a.json'] ?? '', { ...TRIAL, jwt })).status).toBe(503);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['RUNNING', 'QUEUED']);
    socket.destroy();
    while ((await node.spooled()).length > 3) await delay(10);
    open();
    await node.until(first, 'DONE');
    await node.until(second, 'DONE');
    while ((await node.spooled()).length > 0) await delay(10);
    const { body } = await node.ask('/import');
    expect(body.jobs.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining([first, second]),
    );
    const [a, b] = [first, second].map((id) =>
      body.jobs.find((one: { id: string }) => one.id === id),
    );
    expect(b.startedAt >= a.endedAt).toBe(true);
    expect(await node.spooled()).toEqual([]);
  });

  test('are cancelled while they wait and while they run: nothing is stored, the next goes on', async () => {
    const before = await countRows(db, 'trial');
    await db.transaction((tx) => tx.execute('DELETE FROM trial'));
    close();
    const running = await hand('a.json');
    await node.until(running, 'RUNNING');
    const waiting = await hand('c.json');
    expect((await cancel(waiting)).body).toMatchObject({ state: 'CANCELLED' });
    const cancelled = cancel(running);
    await delay(50);
    open();
    expect((await cancelled).body).toMatchObject({ state: 'CANCELLED' });
    expect(await countRows(db, 'trial')).toBe(0);
    expect(await node.spooled()).toEqual([]);
    expect((await cancel(running)).status).toBe(409);
    await node.until(await hand('a.json'), 'DONE');
    expect(await countRows(db, 'trial')).toBe(1);
    expect(before).toBe(2);
  });

  test('are INTERRUPTED when the node stops; the same again is exact', async () => {
    await db.transaction((tx) => tx.execute('DELETE FROM trial'));
    close();
    const running = await hand('a.json');
    await node.until(running, 'RUNNING');
    const waiting = await hand('c.json');
    const stopped = node.stop();
    await delay(50);
    open();
    await stopped;
    expect(await node.spooled()).toEqual([]);
    await node.begin();
    expect([await stateOf(running), await stateOf(waiting)]).toEqual([
      'INTERRUPTED',
      'INTERRUPTED',
    ]);
    expect(await countRows(db, 'trial')).toBe(0);
    await node.until(await hand('a.json'), 'DONE');
    expect(await countRows(db, 'trial')).toBe(1);
  });

  test('that a killed node left are INTERRUPTED at the next start, and what it left lying is deleted', async () => {
    await node.stop();
    await writeFile(join(node.folder, 'imports', 'an-orphan'), 'a');
    await db.transaction(async (tx) => {
      await tx.execute(sql`UPDATE import_job SET state = 'RUNNING', ended_at = NULL
        WHERE id = (SELECT id FROM import_job LIMIT 1)`);
      await tx.execute(sql.raw(`CREATE SCHEMA "${db.schema}.dry-run"`));
    });
    // A node that starts opens its database first.
    await server.open(RIVERSIDE);
    await node.begin();
    const found = await db.transaction((tx) =>
      tx.execute(sql`SELECT state, ended_at AS ended FROM import_job WHERE state = 'RUNNING'
        UNION ALL SELECT nspname, 0 FROM pg_namespace WHERE nspname LIKE '%dry-run'`),
    );
    expect(rowsOf(found)).toEqual([]);
    expect(await node.spooled()).toEqual([]);
  });
});

test('an import in its thread fails alone: the node answers, and says why', async () => {
  const { transaction } = db;
  let isBroken = true;
  Object.assign(db, {
    transaction: ((work, mode) => {
      const ofImport = isOfImport();
      return transaction(async (tx) => {
        if (ofImport && isBroken && mode !== 'read')
          await tx.execute('SELECT nothing FROM nowhere');
        return work(tx);
      }, mode);
    }) satisfies Database['transaction'],
  });
  try {
    const { body } = await node.hand(TRIALS['a.json'] ?? '', TRIAL);
    const ended = await node.until(body.id, 'FAILED');
    expect(ended).toMatchObject({ failure: 'DATABASE_FAILED' });
    isBroken = false;
    await node.until(await hand('a.json'), 'DONE');
  } finally {
    Object.assign(db, { transaction });
  }
});
