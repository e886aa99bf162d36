import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { DatabaseServer } from '../../src/store/database.js';
import { openPglite } from '../../src/store/pglite.js';
import { importTrials } from '../../src/trials/import.js';
import { v2Study } from '../support/trials/studies.js';

const TIMEOUT_MS = 60_000;

/** Files and folders that somebody else could read, with their modes. */
function openToOthers(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .concat(folder)
    .filter((path) => (statSync(path).mode & 0o077) !== 0)
    .map((path) => `${(statSync(path).mode & 0o777).toString(8)} ${path}`);
}

/** More rows than are there, and what the engine makes while it runs: relations, a checkpoint. */
async function work(server: DatabaseServer, studies: number): Promise<void> {
  const db = await server.open('riverside-hospital');
  const json = Array.from({ length: studies }, (_, at) =>
    v2Study(`NCT${String(at).padStart(8, '0')}`),
  );
  await importTrials(db, json, { file: 'trials.json', names: new Map() });
  await db.transaction((tx) => tx.execute(sql`CREATE TABLE made_later (id integer)`));
  await db.read('SELECT pg_switch_wal()');
  await db.read('CHECKPOINT');
}

test(
  "the embedded database's files are its user's alone, those that it makes later too",
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'assent-private-'));
    const directory = join(home, 'database');
    const umask = process.umask(0);
    try {
      const server = await openPglite({ directory });
      await work(server, 100);
      expect(openToOthers(directory)).toEqual([]);
      await server.close();
      expect(openToOthers(directory)).toEqual([]);

      // What an earlier version made, or a copy of it.
      chmodSync(join(directory, 'base'), 0o755);
      chmodSync(join(directory, 'PG_VERSION'), 0o644);
      await (await openPglite({ directory })).close();
      expect(openToOthers(directory)).toEqual([]);
    } finally {
      process.umask(umask);
      rmSync(home, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
