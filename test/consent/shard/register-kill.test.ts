import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { killRepeatedly, UNBROKEN } from '../../support/consent/kill-shard.js';
import { pinnedRandom } from '../../support/consent/pinned-random.js';

const SEED = 20260602;
const KILLS = 2;

const folder = mkdtempSync(join(tmpdir(), 'assent-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`a register killed ${KILLS} times at random (seed ${SEED})`, () => {
  test('is whole after each restart, lost nothing, and claims only what was anchored', async ({
    signal,
  }) => {
    const random = pinnedRandom(SEED);
    const found = await killRepeatedly({ folder, kills: KILLS, random, signal });
    for (const findings of found) expect(findings).toMatchObject(UNBROKEN);
    expect(found.at(-1)?.leaves).toBeGreaterThan(0);
  }, 300_000);
});
