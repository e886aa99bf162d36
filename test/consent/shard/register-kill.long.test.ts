import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { killRepeatedly, UNBROKEN } from '../../support/consent/kill-shard.js';
import { pinnedRandom } from '../../support/consent/pinned-random.js';
import { HAS_POSTGRES, startPostgres } from '../../support/store/postgres-server.js';

const SEED = 20260603;
const KILLS = 50;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-kill-'));
  folders.push(folder);
  return folder;
}

describe(`a register killed ${KILLS} times at random over one database (seed ${SEED})`, () => {
  test('is whole after each restart on the embedded engine', async ({ signal }) => {
    const random = pinnedRandom(SEED);
    const found = await killRepeatedly({ folder: newFolder(), kills: KILLS, random, signal });
    for (const findings of found) expect(findings).toMatchObject(UNBROKEN);
    expect(found.length).toBeGreaterThan(KILLS / 2);
    expect(found.at(-1)?.leaves).toBeGreaterThan(KILLS);
  });

  test.skipIf(!HAS_POSTGRES)('is whole after each restart on PostgreSQL', async ({ signal }) => {
    const postgres = await startPostgres();
    try {
      const { url } = postgres;
      const random = pinnedRandom(SEED);
      const found = await killRepeatedly({
        folder: newFolder(),
        url,
        kills: KILLS,
        random,
        signal,
      });
      for (const findings of found) expect(findings).toMatchObject(UNBROKEN);
      expect(found.at(-1)?.leaves).toBeGreaterThan(KILLS);
    } finally {
      await postgres.stop();
    }
  });
});
