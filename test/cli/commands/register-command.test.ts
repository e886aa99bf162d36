import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendLeaves, prepareAnchor } from '../../../src/consent/shard/shard.js';
import type { Database } from '../../../src/store/database.js';
import { openPglite } from '../../../src/store/pglite.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import { layPglite } from '../../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-register-'));
const ID = 'riverside-hospital';
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Works in the database while no command does. */
async function inDatabase(work: (db: Database) => Promise<unknown>): Promise<void> {
  const server = await openPglite({ directory: join(home, 'database') });
  try {
    await work(await server.open(ID));
  } finally {
    await server.close();
  }
}

const register = (...command: readonly string[]) =>
  assentInProcess(['--state-folder', home, 'register', ...command, '--institution', ID]);

beforeAll(async () => {
  await layPglite(join(home, 'database'));
  await inDatabase(async (db) => {
    await db.transaction((tx) => appendLeaves(tx, [11n, 12n, 13n], 'CONSENT'));
    await (await prepareAnchor(db)).commit();
  });
});

describe('assent register', () => {
  test('check finds a sound shard sound, and says that no ledger was asked', async () => {
    const { code, stdout } = await register('check');
    expect(stdout).toContain('3 leaves were anchored');
    expect(stdout).toContain('CONFIGURATION_INVALID');
    expect(code).toBe(0);
  });

  test('check ends with 2 over a wrong node, which repair mends', async () => {
    await inDatabase((db) =>
      db.transaction((tx) =>
        tx.execute(sql`UPDATE register_page SET nodes = overlay(nodes PLACING '\\x05' FROM 42)
          WHERE tier = 0`),
      ),
    );
    const found = await register('check');
    expect([found.code, found.stdout]).toEqual([2, expect.stringContaining('level 0, index 1')]);
    expect((await register('repair')).code).toBe(0);
    expect((await register('check')).code).toBe(0);
  });

  test('repair refuses leaves that hash to no root that was anchored', async () => {
    await inDatabase((db) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`UPDATE register_leaf SET leaf = decode(repeat('02', 32), 'hex')`);
        await tx.execute(sql`DELETE FROM register_page WHERE tier = 0`);
      }),
    );
    const { code, stderr } = await register('repair');
    expect([code, stderr]).toEqual([1, expect.stringContaining('REGISTER_INCONSISTENT')]);
  });

  test('erase says that nothing of that handle is here, and refuses what is no handle', async () => {
    const unknown = await register('erase', '--handle', '12345');
    expect([unknown.code, unknown.stdout]).toEqual([2, expect.stringContaining('0 consents')]);
    const malformed = await register('erase', '--handle', '0x12');
    expect([malformed.code, malformed.stderr]).toEqual([
      1,
      expect.stringContaining('FIELD_OUT_OF_RANGE'),
    ]);
  });
});
